"""The project as it is when the command starts, kept by git before it starts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.files import Signature, is_nested_repository, signatures
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.listed import ask_for_ignored, ask_for_untracked
from gitexp.execution.work_tree.overlooked import (
    find_overlooked,
    keep_overlooked,
    touched_since,
)
from gitexp.execution.work_tree.settled import Settled
from gitexp.execution.work_tree.untracked import Untracked, check_bulk, list_untracked
from gitexp.git.index import PrivateIndex
from gitexp.git.index_reading import Differing
from gitexp.git.links import follow_on_disk
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import TreeEntries, edited
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entries, Entry, is_below, object_oid
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.kinds import modules_in, ours_in
from gitexp.revisions.links import above, why_away
from gitexp.store.own import own_folder

_SMALL = 1_000_000
"""Bytes up to which a file is read here."""


class Snapshot(Struct, frozen=True):
    """What a command found. Paths are relative to the top of the repository."""

    index: PrivateIndex
    entries: Entries
    tracked: Entries
    """What the user's index held; of a snapshot read back, as it was recorded."""
    signatures: Mapping[str, Signature]
    """Of the files that the index alone does not tell of later: untracked ones, and tracked ones
    that had been written since git looked."""
    untracked: Untracked
    refused: tuple[str, ...]
    """What git could not add."""
    head: HeadState
    tree: str
    skipped: frozenset[str] = frozenset()
    """Tracked files that a sparse checkout left out of the work tree."""
    changed: tuple[str, ...] | None = None
    """The paths that are new or differ from HEAD's; None if nobody has looked yet."""
    edited: Mapping[str, Entry] = {}
    """Entries that the index has otherwise: files that gitexp wrote after it was made."""

    @property
    def repositories(self) -> list[str]:
        """The repositories inside this one: submodules, and those that git does not track."""
        return [*dict.fromkeys((*self.untracked.nested, *modules_in(self.entries)))]


class Leave(Protocol):
    """Tells which untracked files a run has nothing to do with."""

    @property
    def settled(self) -> tuple[Settled, ...]:
        """Folders of which that is known without a look at them."""
        ...

    def drops(self, places: Iterable[str]) -> bool:
        """Have what is near the places looked at after all; return whether any was settled."""
        ...

    def __call__(self, untracked: Untracked, /) -> Collection[str]:
        """Return those of the files."""
        ...


class _Nothing:
    settled: tuple[Settled, ...] = ()

    def drops(self, _: Iterable[str]) -> bool:
        """Return that all is looked at."""
        return False

    def __call__(self, _: Untracked, /) -> Collection[str]:
        """Take the work tree whole."""
        return ()


NOTHING_LEFT: Leave = _Nothing()


def take_snapshot(
    project: Project,
    scratch: Path,
    rewritten: Iterable[str],
    leave: Leave = NOTHING_LEFT,
) -> Snapshot:
    """Write the work tree as a tree, through an index of our own.

    `rewritten` names the files that gitexp itself wrote a moment ago, which are always hashed
    again; `leave` tells which untracked files the run has nothing to do with. What git compares is
    that index, from here on: an edit that comes between is seen as one, not taken for what the
    command found.
    """
    index = PrivateIndex.copied(project.repository, scratch / "snapshot.index")
    try:
        index.ask_differing()
        if not leave.settled:  # else git is asked in other words
            ask_for_untracked(index, project.recorded_folders())
            ask_for_ignored(index, project)
        return _taken(project, index, [*rewritten], leave)
    except BaseException:
        index.forget_asked()
        raise


def _taken(project: Project, index: PrivateIndex, rewritten: list[str], leave: Leave) -> Snapshot:
    repository = project.repository
    head = HeadState.of(repository)
    known = find_overlooked(index)
    differing = index.differing()
    if differing is None:
        differing = touched_since(index)
    users = TreeEntries(repository, known.tree, own_folder(repository).trees)
    tracked = edited(users, _to_be_added(repository, differing))
    untracked = list_untracked(
        *(index, project.recorded_folders(), project.config.max_file_size),
        settled=leave.settled,
        tracked=tracked,
    )
    untracked = untracked.without(leave(untracked))
    check_bulk(project, untracked)
    unsure = [path for path in known.unsure if _is_other(repository, path, tracked)]
    keep_overlooked(index, known, tuple(unsure))
    unsure += [path for path in rewritten if path in tracked]
    touched = [*dict.fromkeys((*differing, *unsure))]
    found = signatures(repository.top, (*touched, *modules_in(users)))
    index.put({path: tracked[path] for path in unsure})
    refused = index.bring_up(differing, unsure)
    index.put(_hidden_submodules(repository, tracked) if touched else {})
    if any(one.is_gone for one in differing.values()):
        index.forget_asked()  # git may list otherwise now what it ignores
    params = _params(project, tracked)  # even if git ignores them
    asked = [path for path in params if touched or path not in tracked]
    present = [path for path in asked if (repository.top / path).is_file()]
    new = [*untracked.taken, *untracked.nested, *rewritten, *present]
    refused += _added(index, dict.fromkeys(new))
    ours = ours_in(tracked)
    index.remove(ours)
    tree = index.write_tree() if touched or new or ours else known.tree
    untracked = _with_ignored(repository, untracked, {p for p in present if p not in tracked})
    return Snapshot(
        index=index,
        entries=users.at(tree),
        tracked=tracked,
        signatures={**known.signatures, **found, **untracked.signatures},
        untracked=untracked,
        refused=tuple(sorted(set(refused))),
        head=head,
        tree=tree,
        skipped=known.skipped.difference(known.signatures),
    )


def _to_be_added(
    repository: Repository, differing: Mapping[str, Differing]
) -> dict[str, Entry | None]:
    """Return the files that the user's index only says are to be added."""
    nothing = Entry("100644", object_oid("blob", b"", repository.object_format))
    return {path: nothing for path, one in differing.items() if one.before is None}


def _added(index: PrivateIndex, new: Collection[str]) -> list[str]:
    """Add files that the user's index does not have; return those that git cannot add."""
    if new:
        index.forget_asked()  # git may list otherwise now what it ignores
    return index.add(new)


def _params(project: Project, known: Entries) -> list[TopPath]:
    """Return the params files and what those that are links lead to, as far as git can hold it.

    A link that leads out of the repository, or into DVC's cache, is taken only if git has it.
    """
    top, folders = project.repository.top, project.recorded_folders()
    paths: list[TopPath] = []
    for path in map(project.path, project.params_files):
        lead = follow_on_disk(top, path)
        is_followed = path in lead.links and why_away(path, lead) is None
        is_here = is_followed or not (lead.links or lead.outside)
        if path in known or is_here:
            paths.append(path)
        is_ours = any(is_below(folder, lead.path) for folder in folders)
        inner = any(is_nested_repository(top / folder) for folder in above(lead.path))
        if lead.links and why_away(path, lead) is None and is_ours and not inner:
            paths.append(lead.path)
    return list(dict.fromkeys(paths))


def _with_ignored(repository: Repository, untracked: Untracked, params: set[TopPath]) -> Untracked:
    """Return the untracked files with the params files among them that git ignores."""
    ignored = signatures(repository.top, params.difference(untracked.signatures))
    if not ignored:
        return untracked
    return replace(
        untracked,
        signatures={**untracked.signatures, **ignored},
        taken=(*untracked.taken, *sorted(ignored)),
        ignored=tuple(sorted(ignored)),
    )


def _hidden_submodules(repository: Repository, known: Entries) -> dict[str, Entry]:
    """Return submodules at the commits they are at, if some may be hidden.

    Git 2.55 leaves those with `ignore = all` out of `git add -u`.
    """
    paths = modules_in(known)
    hides = any(key.endswith((".ignore", ".ignoresubmodules")) for key in repository.config)
    modules = repository.top / ".gitmodules"
    if not paths or not (hides or (modules.is_file() and b"ignore" in modules.read_bytes())):
        return {}
    found: dict[str, Entry] = {}
    for path in paths:
        with contextlib.suppress(GitexpError), Repository.open(repository.top / path) as inner:
            oid = inner.objects.commit("HEAD") if inner.top == repository.top / path else None
            found |= {path: Entry(SUBMODULE_MODE, oid)} if oid is not None else {}
    return found


def _is_other(repository: Repository, path: str, tracked: Entries) -> bool:
    """Return whether a file may be another than the user's index names, byte for byte.

    If it is that, no filter of git's matters. Read are few files, and no large one.
    """
    file = repository.top / path
    try:
        found = file.lstat()
        if stat.S_ISLNK(found.st_mode):
            mode, content = LINK_MODE, os.fsencode(file.readlink())
        elif stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL:
            mode, content = _mode(found.st_mode), file.read_bytes()
        else:
            return path in tracked
    except OSError:
        return path in tracked
    return path in tracked and tracked[path] != Entry(
        mode, object_oid("blob", content, repository.object_format)
    )


def _mode(mode: int) -> str:
    return "100755" if mode & stat.S_IXUSR else "100644"


def with_tree(snapshot: Snapshot) -> Snapshot:
    """Write the snapshot's tree into the object database, unless it is there as HEAD's."""
    if snapshot.tree:
        return snapshot
    return replace(snapshot, tree=snapshot.index.write_tree())
