"""Settled folders in which something was written after all, or read: from then on as any others."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from gitexp.execution.record.net import attempt
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.execution.work_tree.settled import Settled, untouched
from gitexp.execution.work_tree.watched import WatchedPointer, watch_pointers
from gitexp.git.trees import is_below


def awakened(started: Started) -> Started:
    """Return what was found at the start, with all that is in such folders."""
    untracked, top = started.snapshot.untracked, started.project.repository.top
    settled = untracked.settled
    if not settled:
        return started
    asleep = {one.folder for one in untouched(top, settled)}
    lost = "what of earlier runs the command read is not known"
    read = frozenset(attempt(started.tell, lost, started.read, ()))
    awake = [one for one in settled if one.folder not in asleep or not read.isdisjoint(one.files)]
    for one in awake:
        started = _with(started, one)
    folders = {one.folder for one in awake}
    untracked = replace(
        started.snapshot.untracked,
        settled=tuple(one for one in settled if one.folder not in folders),
    )
    return replace(started, snapshot=replace(started.snapshot, untracked=untracked))


def _with(started: Started, one: Settled) -> Started:
    """Return what was found, with one folder; what changed in it before the start counts as found.

    Nobody looked at its files then: the time of a change tells whether the command made it.
    """
    snapshot, ignored, since = started.snapshot, started.ignored, started.since
    now = signatures(started.project.repository.top, one.found)
    edited = {path: new for path, new in now.items() if new != one.found[path] and new[1] < since}
    written = {path for path, old in one.found.items() if now.get(path) != old}.difference(edited)
    found = {**one.found, **edited}
    files = {path: found[path] for path in one.files}
    untracked = replace(
        snapshot.untracked,
        signatures={**snapshot.untracked.signatures, **files},
        earlier=(*snapshot.untracked.earlier, *files),
    )
    return replace(
        started,
        snapshot=replace(
            snapshot, signatures={**snapshot.signatures, **files}, untracked=untracked
        ),
        watched=(*started.watched, *_pointers(started, one, edited, written)),
        ignored=replace(
            ignored,
            named={**ignored.named, **{path: found[path] for path in one.named}},
            models={**ignored.models, **{path: found[path] for path in one.models}},
        ),
    )


def _pointers(
    started: Started, one: Settled, edited: dict[str, Signature], written: set[str]
) -> Iterator[WatchedPointer]:
    """Yield its pointers; those with data that was only changed before, as they are now."""
    for known in one.watched:
        ours = {path for path in one.found if is_below(known.pointer.path, path)} | {known.file}
        if ours.isdisjoint(edited) or not ours.isdisjoint(written):
            yield known
        else:
            entries = started.snapshot.entries
            again = watch_pointers(started.project, entries, started.tell, earlier=[known.file])
            yield from (pointer for pointer in again if pointer.earlier)
