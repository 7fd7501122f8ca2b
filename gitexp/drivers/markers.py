"""Conflict markers around the lines in which the versions of a file differ, and no others."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

WAY_OUT = "keep one side, then run again"
Lines: TypeAlias = Sequence[str]
Change: TypeAlias = "tuple[int, int, int]"
"""From where to where the lines of ours are different, and how many more those are."""


class Markers(Struct, frozen=True):
    """How conflicts are marked, as git says it."""

    size: int = 7
    style: str = "merge"
    """`merge`, `diff3` or `zdiff3`: the value of `merge.conflictStyle`."""
    base: str = "base"
    ours: str = "ours"
    theirs: str = "theirs"

    @property
    def with_base(self) -> bool:
        """Whether what both sides found is shown, too."""
        return self.style in ("diff3", "zdiff3")


def with_markers(ours: str, theirs: str, base: str | None, markers: Markers) -> str:
    r"""Return the versions as one text; `base` is as ours, but for what is in conflict.

    >>> with_markers("lr: 1\n", "lr: 2\n", None, Markers()).splitlines()[:4]
    ['<<<<<<< ours', 'lr: 1', '=======', 'lr: 2']
    """
    pivot = _lines(ours)
    others = [_lines(text) for text in (theirs, base) if text is not None]
    newline = "\r\n" if pivot and pivot[0].endswith("\r\n") else "\n"
    return "".join(_Writer(markers, newline).lines(pivot, others))


class _Writer:
    def __init__(self, markers: Markers, newline: str) -> None:
        self._markers = markers
        self._newline = newline

    def lines(self, ours: Lines, others: Sequence[Lines]) -> Iterator[str]:
        changes = [_changes(ours, other) for other in others]
        done = 0
        for start, end in _regions(change for some in changes for change in some):
            yield from ours[done:start]
            parts = [
                other[start + _shift(some, start - 1) : end + _shift(some, end)]
                for other, some in zip(others, changes, strict=True)
            ]
            mine, done = ours[start:end], end
            yield from mine if mine == parts[0] else self._conflict(mine, *parts)
        yield from ours[done:]

    def _conflict(self, ours: Lines, theirs: Lines, base: Lines | None = None) -> Iterator[str]:
        head = tail = 0
        if self._markers.style == "zdiff3":
            head, tail = _alike_at_ends(ours, theirs)
        yield from ours[:head]
        yield self._marker("<", self._markers.ours)
        yield from self._closed(ours[head : len(ours) - tail])
        if base is not None:
            yield self._marker("|", self._markers.base)
            yield from self._closed(base)
        yield self._marker("=")
        yield from self._closed(theirs[head : len(theirs) - tail])
        yield self._marker(">", f"{self._markers.theirs}: {WAY_OUT}")
        yield from ours[len(ours) - tail :]

    def _marker(self, sign: str, label: str = "") -> str:
        return f"{sign * self._markers.size}{f' {label}' if label else ''}{self._newline}"

    def _closed(self, lines: Lines) -> Iterator[str]:
        """Yield lines with a line end after the last one as well, because a marker follows."""
        for line in lines:
            yield line if line.endswith("\n") else line + self._newline


def _lines(text: str) -> Lines:
    """Return lines as git counts them: Python takes U+2028 and others for line ends, too."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def _changes(ours: Lines, other: Lines) -> list[Change]:
    """Return where lines differ; lines that are often there are not looked for one by one."""
    head, tail = _alike_at_ends(ours, other)
    matcher = difflib.SequenceMatcher(
        None, ours[head : len(ours) - tail], other[head : len(other) - tail]
    )
    return [
        (head + start, head + end, (d - c) - (end - start))
        for what, start, end, c, d in matcher.get_opcodes()
        if what != "equal"
    ]


def _regions(changes: Iterator[Change]) -> Iterator[tuple[int, int]]:
    """Yield where lines of ours differ in any version, from where to where."""
    found: list[tuple[int, int]] = []
    for start, end, _ in sorted(changes):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return iter(found)


def _shift(changes: Sequence[Change], last: int) -> int:
    """Return how many more lines the changes bring that begin up to a line of ours."""
    return sum(more for start, _, more in changes if start <= last)


def _alike_at_ends(ones: Lines, others: Lines) -> tuple[int, int]:
    head = _alike(ones, others)
    return head, _alike(ones[head:][::-1], others[head:][::-1])


def _alike(ones: Lines, others: Lines) -> int:
    """Return how many lines at the start are the same."""
    pairs = zip(ones, others, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ones), len(others)))
