"""What git's own comparison of the work tree with an index may overlook.

Most builds of git compare times by the second, so a file that was written in the very second in
which git last looked at it, with its old time and size put back, looks unchanged to them. Such
files are found by their times to the nanosecond, once for each version of the user's index: what is
written after that shows by the second, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.execution.work_tree.look_memory import Look, keep_look, read_look, second_of
from gitexp.git.conflicts import check_merged
from gitexp.git.index import PrivateIndex
from gitexp.git.index_reading import Differing, Stat
from gitexp.git.trees import SUBMODULE_MODE, Entry

_SECOND = 1_000_000_000
_MANY = 100
"""Files that need no look any more, from which on it pays to write that down."""


class Overlooked(Struct, frozen=True):
    """What has to be known of an index beside what git says of it."""

    tree: str
    """That of the index itself."""
    unsure: tuple[str, ...]
    """Files that git may take for unchanged."""
    skipped: frozenset[str]
    """Files that git was told not to look for, by a sparse checkout mostly."""
    assumed: frozenset[str]
    """Files that git was told to assume unchanged."""
    signatures: dict[str, Signature]
    """Of files of which git could not tell later whether they were written."""
    look: Look | None = None
    """What is to be kept of it for the next time; None if that is known already, or of no use."""


def find_overlooked(index: PrivateIndex) -> Overlooked:
    """Return what git may overlook in a fresh copy of the user's index.

    Raises GitexpError if a merge left conflicts.
    """
    now = second_of(index.path, index.repository.top)
    known = read_look(index.repository, index.origin)
    if known is None or now is None:
        return _looked_through(index, now)
    return _remembered(index.repository.top, known, now)


def keep_overlooked(index: PrivateIndex, found: Overlooked, unsure: tuple[str, ...]) -> None:
    """Write it down for the next time; `unsure` are the files that are not what the index says."""
    if found.look is not None:
        keep_look(index.repository, replace(found.look, unsure=unsure))


def _remembered(top: Path, known: Look, now: int) -> Overlooked:
    marked = signatures(top, (*known.skipped, *known.assumed))
    fresh = signatures(top, known.fresh)
    changed = [path for path, one in known.fresh.items() if fresh.get(path) != one]
    late = {path: one for path, one in fresh.items() if one[1] >= now}
    old = fresh.keys() - late.keys() - set(changed)
    return Overlooked(
        known.tree,
        tuple(dict.fromkeys((*known.unsure, *marked, *known.assumed, *changed))),
        frozenset(known.skipped),
        frozenset(known.assumed),
        {**marked, **late},
        replace(known, fresh={p: one for p, one in known.fresh.items() if p not in old})
        if len(old) > _MANY
        else None,
    )


def _looked_through(index: PrivateIndex, now: int | None) -> Overlooked:
    top, second = index.repository.top, index.second
    unsure: list[str] = []
    skipped: set[str] = set()
    assumed: set[str] = set()
    found: dict[str, Signature] = {}
    unmerged: list[str] = []
    written = index.begin_tree()  # while it lists
    for one in index.stats():
        if one.tag in "Mm":
            unmerged.append(one.path)
        if one.tag in "Ss":
            skipped.add(one.path)
        elif one.tag.islower():
            assumed.add(one.path)
        there = _signature(top, one.path)
        if _is_unsure(one, there, second, now):
            unsure.append(one.path)
        if there is not None and _is_kept(one, there, now):
            found[one.path] = there
    check_merged(index.repository, unmerged)
    tree, marked = written(), (frozenset(skipped), frozenset(assumed))
    look = None
    if now is not None and index.origin is not None:
        told = (tuple(sorted(skipped)), tuple(sorted(assumed)))
        fresh = {path: one for path, one in found.items() if one[1] >= now}
        look = Look(str(top), index.origin, tree, (), *told, fresh)
    return Overlooked(tree, tuple(unsure), *marked, found, look)


def touched_since(index: PrivateIndex) -> dict[str, Differing]:
    """Return the files that were written since an index was, or are gone.

    Git says so faster, but may need a filter for it. Submodules are passed over.
    """
    told = index.differing(submodules="all")
    return told if told is not None else dict(_touched_by_time(index))


def _touched_by_time(index: PrivateIndex) -> Iterator[tuple[str, Differing]]:
    top = index.repository.top
    for one in index.stats():
        if one.mode != SUBMODULE_MODE and one.tag.isupper() and one.tag != "S":
            there = _signature(top, one.path)
            if there is None or one.changed != there[1]:
                yield one.path, Differing(Entry(one.mode, one.oid), is_gone=there is None)


def fill_again(index: PrivateIndex, tree: str, skipped: Iterable[str], begun: int) -> None:
    """Make an index anew that tells what was written since a moment, in ns; it was lost."""
    top = index.repository.top
    index.fill(tree, skipped)
    index.refresh()
    there = ((one, _signature(top, one.path)) for one in index.stats())
    late = [one for one, found in there if found is not None and found[1] >= begun]
    index.put({one.path: Entry(one.mode, one.oid) for one in late if one.mode != SUBMODULE_MODE})


def _signature(top: Path, path: str) -> Signature | None:
    try:
        one = os.lstat(f"{top}/{path}")
    except OSError:
        return signatures(top, (path,)).get(path)
    return (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)


def _is_unsure(one: Stat, there: Signature | None, second: int, now: int | None) -> bool:
    """Return whether git may take a file for unchanged that is not, now or when it comes back."""
    if one.tag.islower() and one.tag != "s":
        return True  # it was told to assume so
    if one.mode == SUBMODULE_MODE:
        return False
    if there is None:
        return one.tag not in "Ss" and now is not None and (one.changed or 0) >= now
    if one.tag in "Ss":
        return True
    changed, known = there[1], there[1] if one.changed is None else one.changed
    is_seen = changed // _SECOND != known // _SECOND
    return not is_seen and (changed >= second or changed != known)


def _is_kept(one: Stat, there: Signature, now: int | None) -> bool:
    """Return whether git could not tell later that a file was written."""
    is_late = now is None or there[1] >= now or one.changed is None
    is_marked = one.tag in "Ss" or one.tag.islower()
    return is_late or is_marked or one.mode == SUBMODULE_MODE
