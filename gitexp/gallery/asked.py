"""Words on a command line, told apart: runs and revs, and metrics."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from msgspec import Struct

from gitexp.comparison.naming import meant
from gitexp.errors import GitexpError
from gitexp.model.marks import LOGGED_FOLDER
from gitexp.project import Project
from gitexp.registry.naming import as_selector
from gitexp.revisions.revision import (
    WORKSPACE,
    Revision,
    commit_revision,
    run_revision,
    workspace_revision,
)
from gitexp.store.journal import Journal
from gitexp.store.selectors import UnderWay, UnknownRun, find_run, refuse_under_way, unknown
from gitexp.store.stored_run import StoredRun

_SELECTORS = ("latest", "best:", "tag:")
_SHOWN = 8


class Subject(Struct, frozen=True):
    """A run, a commit or the work tree that is drawn; or a run under way, by what it has logged."""

    label: str
    oid: str | None
    """None for the work tree, and for a run under way."""
    run: StoredRun | None = None
    log: Path | None = None
    """Of a run under way, the folder that it logs into."""

    @property
    def key(self) -> str | None:
        """What tells it from others."""
        return str(self.log) if self.log is not None else self.oid

    def revision(self, project: Project) -> Revision:
        """Return its files."""
        if self.oid is None:
            return workspace_revision(project)
        if self.run is not None:
            return run_revision(project, self.run)
        return commit_revision(project, self.oid, self.label)


def subject_of(run: StoredRun) -> Subject:
    """Return a run as something that is drawn."""
    return Subject(run.name, run.oid, run)


def told_apart(project: Project, words: Iterable[str]) -> tuple[list[Subject], list[str]]:
    """Return what of the words are runs or revs, each once, and the others, which are metrics.

    The whole name of a run comes first, then that of a metric, then all else that a run or a rev
    goes by: `f1` is no start of an id where it is a metric. A run may be under way.
    """
    subjects: dict[str | None, Subject] = {}
    names: list[str] = []
    for word in words:
        try:
            found = _subject(project, word)
        except UnderWay as error:
            found = _under_way(project, word)
            if found is None:  # of two runs of one name, or it has ended meanwhile
                raise error from None
        if found is None:
            names.append(word)
        else:
            subjects.setdefault(found.key, found)
    return list(subjects.values()), names


def subject(project: Project, word: str) -> Subject:
    """Return the run or rev that a word names; raises UnknownRun."""
    found = _subject(project, word)
    if found is None:
        raise unknown(project.runs, word, "run or rev")
    return found


def _subject(project: Project, word: str) -> Subject | None:
    if word == WORKSPACE:
        return Subject(WORKSPACE, None)
    store = project.runs
    if not store.index.named(word, store.project):
        refuse_under_way(store, word)
        if is_metric(project, word):
            return None
    run = _run(project, word)
    if run is not None:
        return subject_of(run)
    is_rev = word and not word.startswith("-")
    oid = project.repository.objects.commit(word) if is_rev else None
    return Subject(word, oid) if oid is not None else None


def _run(project: Project, word: str) -> StoredRun | None:
    try:
        return find_run(project.runs, as_selector(project, word))
    except UnderWay:
        raise
    except UnknownRun:
        if word.startswith(_SELECTORS):  # what can be nothing else
            raise
        return None


def _under_way(project: Project, word: str) -> Subject | None:
    from gitexp.store.running import find_running  # noqa: PLC0415 - 3 ms, where a run is under way

    entry = find_running(project.repository, project.folder, word)
    if entry is None:
        return None
    scratch = Journal(project.repository).scratch(entry.id)
    return Subject(entry.name, None, log=scratch / LOGGED_FOLDER)


def is_metric(project: Project, word: str) -> bool:
    """Return whether a word names a metric that some run has."""
    columns = project.runs.index.columns(project.runs.project)
    return bool(meant(word, (one.name for one in columns if one.kind == "metrics")))


def no_such(project: Project, name: str, known: Collection[str], what: str) -> GitexpError:
    """Return what to say of a word that is neither a run nor known, with what is close."""
    runs = project.runs.index.names_like(name, project.runs.project)
    parts = {re.split(r"[./:]", one)[-1]: one for one in known}
    close = difflib.get_close_matches(name, [*known, *parts, *runs], n=3)
    close = list(dict.fromkeys(parts.get(one, one) for one in close))
    some = ", ".join(f"'{one}'" for one in (close or sorted(known)[:_SHOWN]))
    hint = f"Did you mean {some}?" if close else f"There are {some}." if some else None
    return GitexpError(f"no run, rev or {what} '{name}'", hint)
