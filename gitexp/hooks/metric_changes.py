"""The metrics that a commit changes, as lines of its message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.comparison.changes import ABSENT, Change
from gitexp.comparison.diff import diff_documents
from gitexp.git.repository import Repository
from gitexp.model.numbers import pair_texts, signed_text
from gitexp.model.paths import TopPath
from gitexp.model.record import Documents
from gitexp.model.text import harmless
from gitexp.model.values import dumps, is_number
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision, staged_revision
from gitexp.settings.config import Config, Message

_LONGEST = 60


class MetricLines(Struct, frozen=True):
    """What the message is to say, and how."""

    lines: tuple[str, ...]
    wanted: Message


def changed_metrics(
    repository: Repository, folder: TopPath, index: Path | None, base: str
) -> MetricLines:
    """Compare the metrics of an index with those of a commit; the settings are the index's."""
    project = Project(repository, folder, folder)
    staged = Reading(project, staged_revision(project, index))
    config = staged.settings
    if config is None:  # for `pre-commit` to report
        return MetricLines((), "none")
    old = _metrics_of(project, config, base)
    changes = diff_documents(old, staged.side.metrics, config.policy)
    return MetricLines(tuple(_lines(changes)), config.message)


def _metrics_of(project: Project, config: Config, base: str) -> Documents:
    oid = project.repository.objects.commit(base)
    if oid is None:
        return {}
    return Reading(project, commit_revision(project, oid, base), config).side.metrics


def _lines(changes: tuple[Change, ...]) -> Iterator[str]:
    for one in changes:
        yield harmless(f"{one.name} {_moved(one)}")


def _moved(change: Change) -> str:
    old, new = change.old, change.new
    if is_number(old) and is_number(new):
        texts = pair_texts(old, new)
        delta = signed_text(change.delta) if change.delta is not None else "?"
        mark = f", {change.mark}" if change.mark else ""
        return f"{texts[0]} -> {texts[1]} ({delta}{mark})"
    if new is ABSENT:
        return "removed"
    return _text(new) if old is ABSENT else f"{_text(old)} -> {_text(new)}"


def _text(value: object) -> str:
    text = value if isinstance(value, str) else dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
