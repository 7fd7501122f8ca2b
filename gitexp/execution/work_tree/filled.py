"""A copy of a work tree filled again: what differs is written, the rest is known already."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gitexp.execution.work_tree.files import signatures
from gitexp.execution.work_tree.look_memory import Look, keep_look, read_look, second_of
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.git.index import PrivateIndex, state_of
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import TreeEntries, differences
from gitexp.git.trees import SUBMODULE_MODE


def fill(repository: Repository, snapshot: Snapshot, scratch: Path) -> None:
    """Make the work tree hold the snapshot and nothing else; its index, what the user's holds.

    Of a submodule the index keeps the commit of the snapshot, which nothing else here says.
    What a sparse checkout leaves out of the user's work tree is left out here as well.
    """
    index = own_index(repository)
    index.ask_ahead("--directory")
    known = read_look(repository, state_of(index.path))
    touched = _touched(index, known)
    staged = differences(snapshot.tracked, snapshot.entries)
    absent = tuple(path for path in snapshot.skipped if path in snapshot.entries)
    is_plain = known is not None and touched == set() and not (staged or absent or known.skipped)
    others = index.untracked("--directory").paths
    if is_plain and known and known.tree == snapshot.tree:
        if others:
            repository.git("clean", "-ffdxq")
        return
    if others and (touched is None or touched):
        # Through a link in the place of a folder, git would take moved files for those it has.
        repository.git("clean", "-ffdxq")
    if known is None or known.skipped:
        index.remove(index.skipped())  # it may have been written by an earlier run
    index.check_out(_without(snapshot, absent, scratch))
    repository.git("clean", "-ffdxq")
    index.put({path: snapshot.entries[path] for path in absent})
    index.skip(absent)
    index.remove(path for path, (one, _) in staged.items() if one is None)
    users = {path: one for path, (one, _) in staged.items() if one is not None}
    index.put({path: one for path, one in users.items() if one.mode != SUBMODULE_MODE})
    if known is not None and touched is not None:
        before = TreeEntries(repository, known.tree)
        written = {*touched, *staged, *differences(before, snapshot.entries)}
        _note(repository, index, known, written, absent)


def _touched(index: PrivateIndex, known: Look | None) -> set[str] | None:
    """Return the files that are not as the index has them; None if that is not known of all.

    Those of which git would not see it are put so that it does.
    """
    differing = index.differing(submodules="all")
    if differing is None or known is None:
        return None
    now = signatures(index.repository.top, known.fresh)
    hidden = {path for path, one in known.fresh.items() if now.get(path) != one}
    hidden.update(known.unsure, known.assumed)
    entries = TreeEntries(index.repository, known.tree)
    index.put({path: entries[path] for path in hidden if path in entries})
    return hidden.union(differing)


def _note(
    repository: Repository,
    index: PrivateIndex,
    known: Look,
    written: Iterable[str],
    absent: tuple[str, ...],
) -> None:
    """Write down what is known of the index now: all but what was written is as it was before."""
    tree, top = index.write_tree(), repository.top
    origin, now = state_of(index.path), second_of(index.path, top)
    if origin is None or now is None:
        return
    entries = TreeEntries(repository, tree)
    fresh = {**known.fresh, **signatures(top, written)}
    fresh = {path: one for path, one in fresh.items() if one[1] >= now and path in entries}
    keep_look(
        repository,
        Look(str(top), origin, tree, skipped=absent, fresh=fresh),
    )


def own_index(repository: Repository) -> PrivateIndex:
    """Return the index of a copy, free of the locks of a git that was killed there."""
    for lock in repository.git_dir.glob("*.lock"):
        lock.unlink(missing_ok=True)
    return PrivateIndex(repository, repository.git_dir / "index")


def _without(snapshot: Snapshot, absent: Iterable[str], scratch: Path) -> str:
    """Return the tree of a snapshot without some paths."""
    gone = list(absent)
    if not gone:
        return snapshot.tree
    index = PrivateIndex.copied(
        snapshot.index.repository, scratch / "present.index", source=snapshot.index.path
    )
    index.remove(gone)
    return index.write_tree()
