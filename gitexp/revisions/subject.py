"""What to check: a commit, a run, what is staged, or the work tree."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.diffs import (
    EntryPair,
    differing_entries,
    differing_from_index,
    differing_from_work_tree,
)
from gitexp.project import Project
from gitexp.revisions.files import (
    STAGED,
    WORKSPACE,
    SideFiles,
    commit_files,
    staged_files,
    workspace_files,
)
from gitexp.store.fetched import has_runs
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import find_run, unknown


class Subject(Struct, frozen=True):
    """One revision and its files."""

    files: SideFiles
    commit: str | None
    """The commit itself, or the one that HEAD is at; None before the first."""
    is_commit: bool
    run: StoredRun | None = None
    index: Path | None = None
    """The index that is checked, if it is not git's own."""


def staged_subject(project: Project, index: Path | None = None) -> Subject:
    """Return what is staged.

    For `git commit -a` and `git commit PATH`, git shows its hooks an `index` of its own.
    """
    head = project.repository.objects.commit("HEAD")
    return Subject(staged_files(project, index), head, is_commit=False, index=index)


def run_subject(project: Project, run: StoredRun) -> Subject:
    """Return a run."""
    return Subject(commit_files(project, run.oid, run.name), run.oid, is_commit=True, run=run)


def find_subject(project: Project, text: str) -> Subject:
    """Return what a selector or `workspace` names; raise UnknownRun if it names nothing."""
    objects = project.repository.objects
    if text == WORKSPACE:
        return Subject(workspace_files(project), objects.commit("HEAD"), is_commit=False)
    oid = objects.commit(text) if text == "HEAD" else None  # no run has that name: no index needed
    run = None
    if oid is None:
        has_runs(project.runs, project.config)
        run = find_run(project.runs, text)
    if run is not None:
        return run_subject(project, run)
    oid = oid or (objects.commit(text) if text and not text.startswith("-") else None)
    if oid is None and text == "HEAD":
        raise GitexpError(
            "there is no commit yet", hint="`gitexp check workspace` checks the work tree."
        )
    if oid is None:
        raise unknown(project.runs, text, "run or rev")
    return Subject(commit_files(project, oid, text), oid, is_commit=True)


def differing(project: Project, commit: str, subject: Subject) -> Mapping[str, EntryPair]:
    """Return the entries of a commit that differ from the subject's, by path."""
    repository, below = project.repository, project.recorded_folders()
    if subject.is_commit and subject.commit is not None:
        return differing_entries(repository, commit, subject.commit, below)
    if subject.files.label == STAGED:
        return differing_from_index(repository, commit, below, index=subject.index)
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        return differing_from_work_tree(repository, commit, Path(scratch), below)
