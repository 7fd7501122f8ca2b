"""The files that a sweep is run on: kept by git from its start, whatever the work tree becomes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.kept.scratch import read_value, write_value
from gitexp.execution.start.earlier import left_for_copies
from gitexp.execution.start.isolation import check_copied, stored_data
from gitexp.execution.start.look import mendable
from gitexp.execution.start.standing import Frozen
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.snapshot import Snapshot, with_tree
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.commits import write_commit
from gitexp.git.edited import edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.refs import ABSENT, Move, move
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.frozen import DEFINITION
from gitexp.store.locks import locked
from gitexp.store.own import IDENTITY, SWEEPS, own_folder
from gitexp.sweep.sweep import Sweep, to_json

FROZEN, INDEX = "frozen.json", "snapshot.index"


class _Kept(Struct, frozen=True):
    """What the index of a snapshot does not say."""

    tree: str
    commit: str
    baseline: str
    untracked: Untracked
    refused: tuple[str, ...]
    head: HeadState
    staged: Mapping[str, Entry]
    """What the user's index held of files that were edited since, by path."""
    unstaged: tuple[str, ...]
    """What it did not hold."""
    directory: TopPath
    data: tuple[Pointer, ...]
    copied: tuple[str, ...]


def freeze(
    project: Project, sweep: Sweep, copied: Sequence[str], found: Callable[[Path], Begin]
) -> Frozen:
    """Keep what all runs of a sweep begin with, unless that was done before.

    `found` is asked for it, with a folder in which it is to put the index.
    """
    known = read_frozen(project.repository, sweep.id)
    if known is not None:
        return known
    check_copied(project, copied)
    folder = own_folder(project.repository).made().sweeps
    folder.mkdir(exist_ok=True)
    scratch = folder / f"{sweep.id}.{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        with mendable(project):
            _keep(project, sweep, scratch, copied, found(scratch))
            _publish(project.repository, sweep, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    known = read_frozen(project.repository, sweep.id)
    if known is None:
        raise GitexpError(f"'{folder / sweep.id}' has gone", hint="Start the sweep again.")
    return known


class Begin(Struct, frozen=True):
    """What all runs of a sweep begin with."""

    snapshot: Snapshot
    baseline: str
    data: tuple[Pointer, ...]
    """Data behind pointers, all of it in DVC's cache."""


def begin_here(project: Project, snapshot: Snapshot) -> Callable[[Path], Begin]:
    """Return what gives the work tree as it was found."""

    def found(scratch: Path) -> Begin:
        index = PrivateIndex.copied(project.repository, scratch / INDEX, source=snapshot.index.path)
        untracked = snapshot.untracked
        left = left_for_copies(project, untracked)
        index.add(left)
        untracked = replace(untracked, taken=(*untracked.taken, *left), earlier=(), settled=())
        whole = replace(snapshot, index=index, untracked=untracked)
        if left:
            whole = replace(whole, entries=index.entries(), tree="")
        whole = with_tree(whole)
        assert whole.head.oid is not None  # a plan was made
        return Begin(whole, whole.head.oid, stored_data(project, whole, None))

    return found


def _keep(
    project: Project, sweep: Sweep, scratch: Path, copied: Sequence[str], begin: Begin
) -> None:
    """Write down everything into a folder; git has the rest, which no ref holds yet."""
    snapshot = begin.snapshot
    staged = {path: one for path, one in snapshot.tracked.items() if _is_edited(snapshot, path)}
    kept = _Kept(
        tree=snapshot.tree,
        commit=_commit(project.repository, sweep, begin, staged),
        baseline=begin.baseline,
        untracked=replace(snapshot.untracked, signatures={}),
        refused=snapshot.refused,
        head=snapshot.head,
        staged=staged,
        unstaged=tuple(path for path in snapshot.entries if path not in snapshot.tracked),
        directory=TopPath(sweep.directory),
        data=begin.data,
        copied=tuple(copied),
    )
    write_value(scratch / FROZEN, kept, onto_disk=True)
    (scratch / DEFINITION).write_bytes(to_json(sweep))


def _is_edited(snapshot: Snapshot, path: str) -> bool:
    return snapshot.entries.get(path) != snapshot.tracked[path]


def _commit(repository: Repository, sweep: Sweep, begin: Begin, staged: Mapping[str, Entry]) -> str:
    """Write the commit that keeps it all: HEAD, the files, and what was staged of them."""
    snapshot, parents = begin.snapshot, [begin.baseline]
    if staged:
        tree = edited_tree(repository, snapshot.tree, staged)
        message = f"gitexp: what was staged when sweep {sweep.id} began\n"
        index, _ = write_commit(
            repository, tree=tree, parents=parents, message=message, identity=IDENTITY
        )
        parents = [*parents, index]
    message = f"gitexp: sweep {sweep.id} is under way\n"
    oid, _ = write_commit(
        repository, tree=snapshot.tree, parents=parents, message=message, identity=IDENTITY
    )
    return oid


def _publish(repository: Repository, sweep: Sweep, scratch: Path) -> None:
    """Let others find what was written down, unless another process was faster."""
    kept, place = read_value(scratch / FROZEN, _Kept), scratch.with_name(sweep.id)
    assert kept is not None  # it has just been written
    with locked(repository):
        if read_frozen(repository, sweep.id) is not None:
            return
        shutil.rmtree(place, ignore_errors=True)
        ref = f"{SWEEPS}{sweep.id}"
        before = repository.objects.commit(ref) or ABSENT
        move(repository, [Move(ref, new=kept.commit, old=before)], reason="gitexp: a sweep starts")
        scratch.rename(place)


def read_frozen(repository: Repository, sweep_id: str) -> Frozen | None:
    """Return what a sweep is run on; None if it is not under way here."""
    place = own_folder(repository).sweeps / sweep_id
    kept = read_value(place / FROZEN, _Kept)
    if kept is None or repository.objects.commit(f"{SWEEPS}{sweep_id}") != kept.commit:
        return None
    index = PrivateIndex(repository, place / INDEX)
    listing = index.listing()
    unstaged = set(kept.unstaged)
    tracked = {path: one for path, one in listing.entries.items() if path not in unstaged}
    snapshot = Snapshot(
        index=index,
        entries=listing.entries,
        tracked={**tracked, **kept.staged},
        signatures={},
        untracked=kept.untracked,
        refused=kept.refused,
        head=kept.head,
        tree=kept.tree,
        skipped=listing.skipped,
    )
    return Frozen(snapshot, kept.baseline, kept.directory, kept.data, kept.copied)
