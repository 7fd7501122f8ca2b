"""Metrics whose file was renamed, or that moved to another one, so that they are compared."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT, Change
from gitexp.model.record import Documents
from gitexp.model.values import flatten
from gitexp.review.words import named


def renamed_files(old: Documents, new: Documents) -> dict[str, str]:
    """Return the new names of files that have gone, by their old ones.

    A file that came is one that went if more than half of the names in it are the same. The
    pair that shares most is taken first.

    >>> renamed_files({"m.json": {"f1": 1}}, {"out/m.json": {"f1": 2}, "x.json": {"n": 3}})
    {'m.json': 'out/m.json'}
    """
    gone = {file: _names(old, file) for file in sorted(old.keys() - new.keys())}
    came = {file: _names(new, file) for file in sorted(new.keys() - old.keys())}
    shares = [
        (2 * len(names & others) / (len(names) + len(others) or 1), file, other)
        for file, names in gone.items()
        for other, others in came.items()
    ]
    renamed: dict[str, str] = {}
    for share, file, other in sorted(shares, key=lambda one: (-one[0], one[1], one[2])):
        if share > 1 / 2 and file not in renamed and other not in renamed.values():
            renamed[file] = other
    return renamed


def with_moves(changes: Iterable[Change]) -> tuple[list[Change], list[str]]:
    """Make one change of a metric that left one file and came in another, and say so.

    Otherwise, writing it to another file would get past every limit on it.

    >>> gone, came = Change("a.json", "f1", 0.9, ABSENT), Change("b.json", "f1", ABSENT, 0.1)
    >>> [(one.file, one.old, one.new) for one in with_moves([gone, came])[0]]
    [('b.json', 0.9, 0.1)]
    """
    found = list(changes)
    gone: dict[str, list[Change]] = {}
    for change in found:
        if change.new is ABSENT:
            gone.setdefault(change.name, []).append(change)
    origins = {
        (change.file, change.name): gone[change.name].pop(0)
        for change in found
        if change.old is ABSENT and gone.get(change.name)
    }
    left = {(old.file, name) for (_, name), old in origins.items()}
    moves: dict[tuple[str, str], list[str]] = {}
    pairs = []
    for change in found:
        key = change.file, change.name
        if key in origins:
            moves.setdefault((origins[key].file, change.file), []).append(change.name)
            pairs.append(replace(change, old=origins[key].old))
        elif key not in left:
            pairs.append(change)
    return pairs, [f"{named(names)} moved from {a} to {b}" for (a, b), names in moves.items()]


def _names(documents: Documents, file: str) -> set[str]:
    return set(flatten(documents[file]))
