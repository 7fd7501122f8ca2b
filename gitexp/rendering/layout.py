"""Columns of text side by side: how wide they are, how they align, what fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.text import character_width, harmless, text_width
from gitexp.rendering.columns import written
from gitexp.rendering.course import narrower
from gitexp.rendering.short_names import short_names
from gitexp.rendering.table import Column, Table

Side = Literal["left", "right"]

_GAP = "   "
_NARROWEST = 8
_WIDEST_NAME = 26
"""How much room short names are given before other columns are left out."""
_WIDEST = 2000
"""Columns to which others are filled up: a text of a megabyte would make every line as long."""
_ELLIPSIS = "…"
_BEST, _NOT_BEST = " *", "  "
_WITH_POINTS = frozenset({"value", "delta", "percent"})


class Cells(Struct, frozen=True):
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
    marks: Mapping[int, str] = {}
    """How cells are coloured, by their rows."""


def clipped(text: str, width: int) -> str:
    """Return the text in at most `width` columns, ending in `…` if some was left out."""
    if text_width(text) <= width:
        return text
    ends = accumulate(map(character_width, text))
    return text[: sum(end < width for end in ends)] + _ELLIPSIS[:width]


def clipped_before(text: str, width: int) -> str:
    """Return the end of the text, in at most `width` columns: the part that tells names apart.

    >>> clipped_before("model.encoder.dropout", 12)
    '…der.dropout'
    """
    if text_width(text) <= width:
        return text
    ends = accumulate(map(character_width, reversed(text)))
    fitting_characters = sum(end < width for end in ends)
    return _ELLIPSIS[:width] + text[len(text) - fitting_characters :]


def laid_out(table: Table) -> list[Cells]:
    """Return the columns that have something to show; points of numbers stand in line."""
    return list(_laid_out(table))


def _laid_out(table: Table) -> Iterator[Cells]:
    joined = [*(bool(column.joined) for column in table.columns[1:]), False]
    for at, (column, texts, are_numbers) in enumerate(written(table)):
        if not table.header and not any(texts):
            continue
        heading = harmless(column.heading) if table.header else ""
        numbers = are_numbers and not column.joined
        in_line = numbers and not joined[at] and column.kind in _WITH_POINTS
        aligned = _points_in_line(texts) if in_line else texts
        side: Side = "right" if numbers or joined[at] else "left"
        best = frozenset(row for row, where in table.best if where == at)
        if best:
            other = _NOT_BEST if side == "right" else ""
            marks = (_BEST if row in best else other for row in range(len(aligned)))
            aligned = [text + mark for text, mark in zip(aligned, marks, strict=True)]
        width = min(_widest([heading, *aligned]), _WIDEST)
        gap = (column.joined or _GAP) if at else ""
        coloured = table.marks.get(column.name, {})
        yield Cells(column, aligned, width, side, gap, heading, best, coloured)


def _widest(texts: Sequence[str]) -> int:
    wide = text_width if not all(map(str.isascii, texts)) else len
    return max(map(wide, texts), default=0)


def _points_in_line(texts: Sequence[str]) -> Sequence[str]:
    """Pad the texts on the right so that their points stand below each other."""
    if any("e" in text for text in texts):  # exponents: the points say nothing
        return texts
    tails = [len(text) - (text.find(".") if "." in text else _digits_end(text)) for text in texts]
    longest = max(tails, default=0)
    return [text + " " * (longest - tail) for text, tail in zip(texts, tails, strict=True)]


def _digits_end(text: str) -> int:
    return text.find(" ") if " " in text else len(text)


def fitting(table: Table, width: int | None) -> tuple[list[Cells], list[str]]:
    """Return the columns that fit the width, laid out, and the names of those that had to go.

    Columns are taken by rank as long as there is room; if those that stay anyway are
    too wide, the widest are shortened.
    """
    columns = laid_out(table)
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
        min(cells.width, _NARROWEST) if cells.column.limit else _kept(cells) for cells in shown
    ]
    shown = _narrowed(_narrowed(shown, width, headings), width, cells_too)
    return shown, [cells.column.name for at, cells in enumerate(columns) if at not in taken]


def _kept(cells: Cells) -> int:
    """Return how narrow a column may get that is never cut: a line is drawn anew."""
    return _least(cells) if cells.column.kind == "course" else cells.width


def _total(columns: Sequence[Cells]) -> int:
    return sum(len(cells.gap) + cells.width for cells in columns)


def _least(cells: Cells) -> int:
    """Return how narrow a column may get before others are left out."""
    if cells.column.shortest:
        return min(cells.width, cells.column.shortest)
    if not cells.column.least:
        return cells.width
    if cells.column.by_its_end:
        shortest = min(_widest(short_names(cells.texts)), _WIDEST_NAME)
    else:
        shortest = _widest(cells.texts)
    return min(cells.width, max(cells.column.least, shortest))


def _narrowed(columns: list[Cells], width: int, least: Sequence[int]) -> list[Cells]:
    """Shorten the widest columns, all to one width, until all fit, as far as that goes."""
    widths = [cells.width for cells in columns]
    excess = _total(columns) - width
    while excess > 0:
        able = [at for at, low in enumerate(least) if widths[at] > low]
        widest = max((widths[at] for at in able), default=0)
        if not widest:
            break
        last = max(at for at in able if widths[at] == widest)
        widths[last] -= 1
        excess -= 1
    return [
        cells if cells.width == narrow else _clipped_cells(cells, narrow)
        for cells, narrow in zip(columns, widths, strict=True)
    ]


def _clipped_cells(cells: Cells, width: int) -> Cells:
    if cells.column.kind == "course":
        texts = [narrower(text, width) for text in cells.texts]
    elif cells.column.by_its_end:
        pairs = zip(cells.texts, short_names(cells.texts), strict=True)
        texts = [
            text if text_width(text) <= width else clipped_before(short, width)
            for text, short in pairs
        ]
    else:
        texts = [clipped(text, width) for text in cells.texts]
    return replace(cells, texts=texts, width=width, heading=clipped(cells.heading, width))
