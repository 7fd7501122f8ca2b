"""One revision, checked against all that is demanded of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from gitexp.checking.data import DataPlaces, find_data
from gitexp.comparison.diff import Side
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.model.documents.conflicts import marker_line
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.review.checks import Check, Finding, freshness_findings, policy_findings
from gitexp.review.freshness import without_paths
from gitexp.review.verdict import judge_alone
from gitexp.review.words import listed, named
from gitexp.revisions.files import STAGED, SideFiles, config_of, pipeline_of, pointers_of, side_of
from gitexp.revisions.roles import Declared
from gitexp.revisions.subject import Subject
from gitexp.settings.config import CONFIG_NAME, Config
from gitexp.store.fetched import has_runs

_HELPFUL = ("Did you mean", "Quote ")
"""The first words of hints that say what is wrong with a file."""


def check_subject(project: Project, subject: Subject, *, ask_remote: bool) -> Check:
    """Check a revision; the settings are those that it holds itself."""
    reading = _Reading(project, subject.files)
    config = reading.config()
    if config is None:
        return Check(subject.files.label, tuple(reading.broken))
    side = reading.side(config)
    pointers = reading.pointers()
    unread = reading.unread_metrics(config)
    findings = [
        *(reading.broken or [Finding("files", "ok", _read_words(config, side, pointers))]),
        *_data_findings(find_data(project, pointers, ask_remote=ask_remote), asked=ask_remote),
        *policy_findings(judge_alone(side, config.policy, config.review, unread=unread)),
        *_freshness(project, config, subject, side, reading),
    ]
    return Check(subject.files.label, tuple(findings))


class _Reading:
    """The files of a side while they are read; what is wrong with them is kept."""

    def __init__(self, project: Project, files: SideFiles) -> None:
        self.broken: list[Finding] = []
        self._project = project
        self._known: dict[str, bytes | None] = {}
        self._read = files.read
        self._paths = frozenset(files.paths)
        self.files = SideFiles(files.label, files.paths, self._look)

    def _look(self, path: str) -> bytes | None:
        if path not in self._known:
            content = self._known[path] = self._read(path)
            line = marker_line(content or b"")
            if line is not None:
                words = f"'{path}' has conflict markers in line {line}"
                self._add(Finding("conflicts", "wrong", words, path))
            elif content is None and path in self._paths and self.files.label == STAGED:
                self._add(Finding("conflicts", "wrong", f"'{path}' has unresolved conflicts", path))
        return self._known[path]

    def _refuse(self, path: str, error: GitexpError) -> None:
        close = f". {error.hint}" if (error.hint or "").startswith(_HELPFUL) else ""
        self._add(Finding("files", "wrong", f"{error}{close}", path))

    def _add(self, finding: Finding) -> None:
        """Keep what is wrong with a file; only the first counts, since the rest follows from it."""
        if all(one.subject != finding.subject for one in self.broken):
            self.broken.append(finding)

    def config(self) -> Config | None:
        """Return the settings, or None if they are broken."""
        try:
            return config_of(self._project, self.files)
        except GitexpError as error:
            self._refuse(self._project.path(CONFIG_NAME), error)
            return None

    def side(self, config: Config) -> Side:
        """Return the side, without what cannot be read."""
        return side_of(self._project, config, self.files, self._refuse)

    def unread_metrics(self, config: Config) -> list[str]:
        """Return the metrics files that cannot be read."""
        view = self._project.as_of(config, pipeline_of(self._project, self.files))
        return unread_metrics(view, (one.subject for one in self.broken))

    def pointers(self) -> list[Pointer]:
        """Return the pointers with all that a cache is asked by."""
        found: list[Pointer] = []
        for path in self.files.paths:
            if "/.dvc/" not in f"/{path}":
                with contextlib.suppress(GitexpError):  # already reported
                    found += pointers_of(path, self.files.read)
        return found


def unread_metrics(project: Project, broken: Iterable[str]) -> list[str]:
    """Return those of the broken files that are metrics, as records call them.

    `project` has the settings of the revision.
    """
    declared = Declared(project, project.pipeline)
    return [declared.recorded_name(path) for path in broken if declared.is_metric(path)]


def _read_words(config: Config, side: Side, pointers: list[Pointer]) -> str:
    counts = {
        "params file": len(side.params),
        "metrics file": len(side.metrics),
        "pointer": len(pointers),
    }
    parts = [counted(count, what) for what, count in counts.items() if count]
    if not parts:
        return "no params, metrics or pointers are here"
    bare = not side.metrics and not config.policy.rules  # another finding reports on a policy
    return f"{listed(parts)} can be read" + ("; there are no metrics" if bare else "")


def _data_findings(places: DataPlaces, *, asked: bool) -> Iterator[Finding]:
    if places.here:
        yield Finding("data", "ok", f"{_pointers(places.here)} is in the DVC cache")
    if places.remote:
        yield Finding("data", "ok", f"{_pointers(places.remote)} is on a DVC remote")
    if places.problem is not None:
        words = f"{_pointers(places.nowhere)} is not in the DVC cache, and {places.problem}"
        yield Finding("data", "wrong", words)
    elif asked:
        for name in places.nowhere:
            words = f"the data of {name} is neither in the DVC cache nor on a DVC remote"
            yield Finding("data", "wrong", words, name)
    elif places.nowhere:
        words = f"{_pointers(places.nowhere)} is not in the DVC cache; `--remote` asks the remote"
        yield Finding("data", "note", words)


def _pointers(names: tuple[str, ...]) -> str:
    return f"the data of {named(list(names))}"


def _freshness(
    project: Project, config: Config, subject: Subject, side: Side, reading: _Reading
) -> Iterator[Finding]:
    if not side.metrics:
        return
    if not has_runs(project.runs, project.config):
        words = "no run is recorded here, so nothing says which run made the metrics"
        yield Finding("freshness", "note", words)
        return
    from gitexp.checking.freshness import read_freshness  # noqa: PLC0415 - where there are runs

    view = project.as_of(config, pipeline_of(project, reading.files))
    found = read_freshness(view, subject, side)
    if not subject.is_commit:
        broken = frozenset(project.name(TopPath(one.subject)) for one in reading.broken)
        found = tuple(without_paths(one, broken) for one in found)
    yield from freshness_findings(found)
