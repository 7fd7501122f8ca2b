"""Columns of text side by side: how wide they are, how they align, what fits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from gitexp.comparison.diff import ABSENT, is_number
from gitexp.rendering.cells import column_texts, harmless
from gitexp.rendering.table import BLANK, Column, Table

Side = Literal["left", "right"]

_GAP = "   "
_NARROWEST = 8
_ELLIPSIS = "…"
_BEST, _NOT_BEST = " *", "  "
_WITH_POINTS = frozenset({"value", "delta", "percent"})
_ALWAYS_NUMBERS = frozenset({"size", "duration", "delta", "percent"})


@dataclass(frozen=True)
class Cells:
    """One column, laid out."""

    column: Column
    texts: Sequence[str]
    width: int
    side: Side = "left"
    gap: str = ""
    """What stands before each cell."""
    heading: str = ""
    best: frozenset[int] = frozenset()
    """The rows of the cells that stand out."""

    @property
    def padded_heading(self) -> str:
        """The heading, as wide as the column."""
        return padded(self.heading, self.width, self.side)

    @property
    def padded(self) -> Iterator[str]:
        """The texts, as wide as the column."""
        width, side = self.width, self.side
        return (padded(text, width, side) for text in self.texts)

    def gap_before(self, text: str) -> str:
        """Return what stands before a cell; nothing is joined to an empty one."""
        return self.gap if not self.column.joined or text.strip() else " " * len(self.gap)


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> text_width("loss"), text_width("損失"), text_width("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_character_width, text))


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clipped(text: str, width: int) -> str:
    """Return the text in at most `width` columns, ending in `…` where some was left out."""
    if text_width(text) <= width:
        return text
    ends = accumulate(map(_character_width, text))
    return text[: sum(end < width for end in ends)] + _ELLIPSIS[:width]


def clipped_before(text: str, width: int) -> str:
    """Return the end of the text, in at most `width` columns: the part that tells names apart.

    >>> clipped_before("model.encoder.dropout", 12)
    '…der.dropout'
    """
    if text_width(text) <= width:
        return text
    ends = accumulate(map(_character_width, reversed(text)))
    fitting_characters = sum(end < width for end in ends)
    return _ELLIPSIS[:width] + text[len(text) - fitting_characters :]


def padded(text: str, width: int, side: Side) -> str:
    """Return the text with spaces on its other side."""
    room = " " * (width - text_width(text))
    return text + room if side == "left" else room + text


def laid_out(table: Table) -> list[Cells]:
    """Return the columns that have something to show; points of numbers stand in line."""
    return list(_laid_out(table))


def _laid_out(table: Table) -> Iterator[Cells]:
    joined = [*(bool(column.joined) for column in table.columns[1:]), False]
    for at, (column, texts) in enumerate(zip(table.columns, column_texts(table), strict=True)):
        if not table.header and not any(texts):
            continue
        heading = harmless(column.heading) if table.header else ""
        numbers = not column.joined and _holds_numbers(column, [row[at] for row in table.rows])
        in_line = numbers and not joined[at] and column.kind in _WITH_POINTS
        aligned = _points_in_line(texts) if in_line else texts
        best = frozenset(row for row, where in table.best if where == at)
        if best:
            aligned = [
                f"{text}{_BEST if row in best else _NOT_BEST}" for row, text in enumerate(aligned)
            ]
        width = max(map(text_width, [heading, *aligned]))
        side: Side = "right" if numbers or joined[at] else "left"
        gap = (column.joined or _GAP) if at else ""
        yield Cells(column, aligned, width, side, gap, heading, best)


def _holds_numbers(column: Column, values: Sequence[object]) -> bool:
    if column.kind == "value":
        return all(is_number(value) or value is ABSENT or value is BLANK for value in values)
    return column.kind in _ALWAYS_NUMBERS


def _points_in_line(texts: Sequence[str]) -> Sequence[str]:
    """Pad the texts on the right so that their points stand below each other."""
    if any("e" in text for text in texts):  # exponents: the points say nothing
        return texts
    tails = [len(text) - (text.find(".") if "." in text else _digits_end(text)) for text in texts]
    longest = max(tails, default=0)
    return [text + " " * (longest - tail) for text, tail in zip(texts, tails, strict=True)]


def _digits_end(text: str) -> int:
    return text.find(" ") if " " in text else len(text)


def fitting(columns: list[Cells], width: int | None) -> tuple[list[Cells], list[str]]:
    """Return what fits the width, and the names of the columns that had to go.

    Columns are taken by rank as long as there is room; where those that stay anyway are
    too wide, the widest are shortened.
    """
    if width is None or _total(columns) <= width:
        return columns, []
    ranks = [cells.column.rank for cells in columns]
    room, taken = width, set()
    for at in sorted(range(len(columns)), key=ranks.__getitem__):
        needed = len(columns[at].gap) + _least(columns[at])
        if needed <= room or not ranks[at]:
            taken.add(at)
            room -= needed
    shown = [cells for at, cells in enumerate(columns) if at in taken]
    headings = [_least(cells) for cells in shown]
    cells_too = [
        min(cells.width, _NARROWEST) if cells.column.limit else cells.width for cells in shown
    ]
    shown = _narrowed(_narrowed(shown, width, headings), width, cells_too)
    return shown, [cells.column.name for at, cells in enumerate(columns) if at not in taken]


def _total(columns: Sequence[Cells]) -> int:
    return sum(len(cells.gap) + cells.width for cells in columns)


def _least(cells: Cells) -> int:
    """Return how narrow a column may get before others are left out."""
    if not cells.column.least:
        return cells.width
    return min(cells.width, max(cells.column.least, *map(text_width, cells.texts)))


def _narrowed(columns: list[Cells], width: int, least: Sequence[int]) -> list[Cells]:
    """Shorten the widest columns, all to one width, until all fit, as far as that goes."""
    cap = max((cells.width for cells in columns), default=0)
    excess = _total(columns) - width
    while excess > 0 and cap > 0:
        excess -= sum(cells.width >= cap > low for cells, low in zip(columns, least, strict=True))
        cap -= 1
    return [
        _clipped_cells(cells, max(cap, low)) if cells.width > max(cap, low) else cells
        for cells, low in zip(columns, least, strict=True)
    ]


def _clipped_cells(cells: Cells, width: int) -> Cells:
    clip = clipped_before if cells.column.by_its_end else clipped
    texts = [clip(text, width) for text in cells.texts]
    return replace(cells, texts=texts, width=width, heading=clipped(cells.heading, width))
