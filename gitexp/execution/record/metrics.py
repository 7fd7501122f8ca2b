"""The metrics of a run, read from the same objects that are recorded, and those before them."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Mapping

from gitexp.errors import GitexpError
from gitexp.execution.record.net import attempt
from gitexp.execution.record.stale import without_stale
from gitexp.execution.stages import Started
from gitexp.git.trees import Entry
from gitexp.model.documents.reading import parse_document
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import LARGEST_METRICS
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value, without_long_lists
from gitexp.project import Project
from gitexp.revisions.roles import Declared

_LOOK_BACK = 20
"""Runs without metrics that are skipped in the search for one to compare with."""

Document = dict[str, Value]
Tell = Callable[[str], None]


def metrics_of(
    started: Started, added: Mapping[str, Entry], pointed: Iterable[str]
) -> dict[str, Document]:
    """Return the metrics among the files that a run wrote; warn about a file that is not one.

    They are read from the blobs that were added, so that both say the same; what went
    behind a pointer with its folder, `pointed`, is read where it lies.
    """
    project, declared, tell = started.project, started.declared, started.tell
    found: dict[str, Document] = {}
    for path in sorted(path for path in {*added, *pointed} if declared.is_metric(path)):
        name = declared.recorded_name(path)
        shown = project.name(TopPath(path))
        read = functools.partial(_values, project, path, added.get(path), tell)
        values = attempt(tell, f"no metrics from '{shown}'", read, None)
        if values is None:
            continue
        if name in found:
            tell(f"warning: '{name}' was written more than once; '{path}' counts")
        found[name] = without_stale(started, path, values)
    return found


def _values(project: Project, path: str, entry: Entry | None, tell: Tell) -> Document | None:
    content = content_of(project, path, entry)
    return None if content is None else _read(project.name(TopPath(path)), content, tell)


def content_of(project: Project, path: str, entry: Entry | None) -> bytes | None:
    """Return what a run wrote, from git if it is there, and else from where it lies."""
    if entry is not None:
        content = project.repository.objects.blob(entry.oid)
        if content is None:
            raise GitexpError(f"git cannot read {entry.oid}, which it has just written")
        return content
    try:
        return (project.repository.top / path).read_bytes()
    except OSError:
        return None


def _read(name: str, content: bytes, tell: Tell) -> Document | None:
    if len(content) > LARGEST_METRICS:
        tell(f"note: '{name}' is larger than 1 MB: recorded as an output, not as metrics")
        return None
    try:
        values, dropped = without_long_lists(parse_document(content, name))
    except GitexpError as error:
        tell(f"warning: no metrics from '{name}': {error}")
        return None
    if dropped:
        tell(f"note: lists of more than 100 values stay in '{name}' alone: {', '.join(dropped)}")
    return values


def baseline_metrics(project: Project, baseline: str, declared: Declared) -> dict[str, Document]:
    """Return what a run is measured against.

    That is the metrics that its baseline holds, else those of the last run on that baseline
    that has some.
    """
    found = {}
    pipeline = sorted(map(project.name, declared.pipeline.metrics))
    for name in dict.fromkeys((*project.config.metrics, *pipeline)):
        content = None
        if not any(letter in name for letter in "*?["):
            content = project.repository.objects.blob(
                f"{baseline}:{project.path(ProjectPath(name))}"
            )
        if content is not None:
            try:
                found[name] = parse_document(content, name)
            except GitexpError:
                continue
    if found:
        return found
    for last in project.runs.index.last_on(baseline, project.folder, limit=_LOOK_BACK):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            if metrics := last.record.metrics:
                return dict(metrics)
    return {}
