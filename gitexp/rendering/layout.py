"""Columns of text side by side: how wide they are, how they align, what fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from gitexp.comparison.diff import ABSENT, is_number
from gitexp.model.text import character_width, harmless, text_width
from gitexp.rendering.cells import column_texts
from gitexp.rendering.table import BLANK, Column, Table

Side = Literal["left", "right"]

_GAP = "   "
_NARROWEST = 8
_ELLIPSIS = "…"
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


def clipped(text: str, width: int) -> str:
    """Return the text in at most `width` columns, ending in `…` where some was left out."""
    if text_width(text) <= width:
        return text
    ends = accumulate(map(character_width, text))
    return text[: sum(end < width for end in ends)] + _ELLIPSIS[:width]


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
        width = max(map(text_width, [heading, *aligned]))
        side: Side = "right" if numbers or joined[at] else "left"
        gap = (column.joined or _GAP) if at else ""
        yield Cells(column, aligned, width, side, gap, heading)


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

    Columns go by rank; where that is not enough, the widest are shortened.
    """
    if width is None:
        return columns, []
    shown = list(columns)
    dropped = sorted(
        (cells for cells in columns if cells.column.rank), key=lambda cells: -cells.column.rank
    )
    gone = 0
    while _total(shown) > width and gone < len(dropped):
        shown.remove(dropped[gone])
        gone += 1
    names = {cells.column.name for cells in dropped[:gone]}
    return _narrowed(shown, width), [
        cells.column.name for cells in columns if cells.column.name in names
    ]


def _total(columns: Sequence[Cells]) -> int:
    return sum(len(cells.gap) + cells.width for cells in columns)


def _narrowed(columns: list[Cells], width: int) -> list[Cells]:
    """Shorten the widest columns that may be shortened until all fit, as far as that goes."""
    narrowed = list(columns)
    while (excess := _total(narrowed) - width) > 0:
        wide = [
            at
            for at, cells in enumerate(narrowed)
            if cells.column.limit and cells.width > _NARROWEST
        ]
        if not wide:
            break
        at = max(wide, key=lambda index: narrowed[index].width)
        room = max(_NARROWEST, narrowed[at].width - excess)
        texts = [clipped(text, room) for text in narrowed[at].texts]
        heading = clipped(narrowed[at].heading, room)
        narrowed[at] = replace(narrowed[at], texts=texts, width=room, heading=heading)
    return narrowed
