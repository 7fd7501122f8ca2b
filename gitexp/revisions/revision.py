"""A revision: a commit, what is staged, or the work tree, with the files that it holds."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.diffs import (
    EntryPair,
    differing_entries,
    differing_from_index,
    differing_from_work_tree,
)
from gitexp.git.trees import Entry, tree_entries
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.links import lead_in_git, lead_on_disk
from gitexp.store.fetched import has_runs
from gitexp.store.selectors import find_run, unknown
from gitexp.store.stored_run import StoredRun

WORKSPACE = "workspace"
"""The selector of the work tree."""

Read = Callable[[str], bytes | None]
"""Reads a file by its path from the top of the repository."""


class Revision(Struct, frozen=True):
    """One of these and its files, whatever holds them."""

    kind: Literal["commit", "staged", "workspace"]
    label: str
    """What people call it; a branch may be called as they like, so it decides nothing."""
    paths: tuple[TopPath, ...]
    """The files in the project's folder."""
    read: Read
    commit: str | None
    """The commit itself, or the one that HEAD is at; None before the first."""
    run: StoredRun | None = None
    index: Path | None = None
    """The index that holds it, where that is not git's own."""
    lead: Callable[[str], TopPath] = TopPath
    """Where a path leads through links; raises LedAway where values are not read from."""

    @property
    def is_commit(self) -> bool:
        """Whether it is neither what is staged nor the work tree."""
        return self.kind == "commit"


def commit_revision(
    project: Project, oid: str, label: str, run: StoredRun | None = None
) -> Revision:
    """Return a commit, and the run that it is."""
    objects = project.repository.objects
    inside = f"{project.folder}/" if project.folder else ""
    listed = tree_entries(project.repository, oid)
    paths = tuple(TopPath(path) for path in listed if path.startswith(inside))
    return Revision(
        "commit",
        label,
        paths,
        lambda path: objects.blob(f"{oid}:{path}"),
        oid,
        run,
        lead=functools.partial(lead_in_git, project, listed),
    )


def run_revision(project: Project, run: StoredRun) -> Revision:
    """Return a run."""
    return commit_revision(project, run.oid, run.name, run)


def staged_revision(project: Project, index: Path | None = None) -> Revision:
    """Return what is staged; a file with conflicts cannot be read.

    For `git commit -a` and `git commit PATH`, git shows its hooks an `index` of its own.
    """
    repository = project.repository
    listed = repository.git("ls-files", "--stage", "-z", index=index)
    entries: dict[str, Entry | None] = {}
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, oid, stage = head.decode().split(" ")
        entries[os.fsdecode(path)] = Entry(mode, oid) if stage == "0" else None

    def read(path: str) -> bytes | None:
        entry = entries.get(path)
        return repository.objects.blob(entry.oid) if entry is not None else None

    return Revision(
        "staged",
        "staged",
        tuple(TopPath(path) for path in entries if project.holds(TopPath(path))),
        read,
        repository.objects.commit("HEAD"),
        index=index,
        lead=functools.partial(lead_in_git, project, entries),
    )


def workspace_revision(project: Project) -> Revision:
    """Return the work tree, without the files that git ignores."""
    repository = project.repository

    def read(path: str) -> bytes | None:
        file = repository.top / path
        return file.read_bytes() if file.is_file() else None

    options = ("--cached", "--others", "--exclude-standard", "-z")
    listed = repository.git("ls-files", *options, "--", _place(project)).split(b"\0")[:-1]
    once = dict.fromkeys(map(os.fsdecode, listed))  # one with conflicts is listed thrice
    paths = tuple(map(TopPath, once))
    lead = functools.partial(lead_on_disk, project)
    head_oid = repository.objects.commit("HEAD")
    return Revision("workspace", WORKSPACE, paths, read, head_oid, lead=lead)


def _place(project: Project) -> str:
    return f":(top,literal){project.folder}" if project.folder else ":/"


def find_revision(project: Project, text: str) -> Revision:
    """Return what a selector or `workspace` names; raise UnknownRun if it names nothing."""
    objects = project.repository.objects
    if text == WORKSPACE:
        return workspace_revision(project)
    oid = objects.commit(text) if text == "HEAD" else None  # no run has that name: no index needed
    run = None
    if oid is None:
        has_runs(project.runs, project.config)
        run = find_run(project.runs, text)
    if run is not None:
        return run_revision(project, run)
    oid = oid or (objects.commit(text) if text and not text.startswith("-") else None)
    if oid is None and text == "HEAD":
        raise GitexpError(
            "there is no commit yet", hint="`gitexp check workspace` checks the work tree."
        )
    if oid is None:
        raise unknown(project.runs, text, "run or rev")
    return commit_revision(project, oid, text)


def differing(project: Project, commit: str, revision: Revision) -> Mapping[str, EntryPair]:
    """Return the entries of a commit that differ from the revision's, by path.

    Gitexp's own are left out: two runs always have two records.
    """
    found = _differing(project, commit, revision)
    return {path: pair for path, pair in found.items() if "/.gitexp/" not in f"/{path}"}


def _differing(project: Project, commit: str, revision: Revision) -> Mapping[str, EntryPair]:
    repository, below = project.repository, project.recorded_folders()
    if revision.is_commit and revision.commit is not None:
        return differing_entries(repository, commit, revision.commit, below)
    if revision.kind == "staged":
        return differing_from_index(repository, commit, below, index=revision.index)
    import tempfile  # noqa: PLC0415 - 4 ms, for the work tree alone

    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        return differing_from_work_tree(repository, commit, Path(scratch), below)
