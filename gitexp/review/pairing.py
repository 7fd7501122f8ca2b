"""Metrics files that were renamed between two sides, so that their metrics are compared."""

from __future__ import annotations

from gitexp.model.record import Documents
from gitexp.model.values import flatten


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


def _names(documents: Documents, file: str) -> set[str]:
    return set(flatten(documents[file]))
