"""Conflict markers around the lines in which two versions of a file differ, and no others."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

WAY_OUT = "keep one side, then run again"


def with_markers(ours: str, theirs: str, size: int = 7) -> str:
    r"""Return both versions as one text.

    >>> with_markers("lr: 1\n", "lr: 2\n").splitlines()[:4]
    ['<<<<<<< ours', 'lr: 1', '=======', 'lr: 2']
    """
    sides = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    newline = "\r\n" if sides[0] and sides[0][0].endswith("\r\n") else "\n"
    return "".join(_lines(*sides, size, newline))


def _lines(ours: Sequence[str], theirs: Sequence[str], size: int, newline: str) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            yield from ours[a:b]
            continue
        yield f"{'<' * size} ours{newline}"
        yield from _closed(ours[a:b], newline)
        yield f"{'=' * size}{newline}"
        yield from _closed(theirs[c:d], newline)
        yield f"{'>' * size} theirs: {WAY_OUT}{newline}"


def _closed(lines: Sequence[str], newline: str) -> Iterator[str]:
    """Yield lines with a line end after the last one as well, for a marker follows."""
    for line in lines:
        yield line if line.endswith(("\n", "\r")) else line + newline
