"""Tables of raw values as a template shows them: texts that are escaped, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.values import is_number
from gitexp.rendering.columns import written
from gitexp.rendering.table import Column, Dated, Document, Table


class Head(Struct, frozen=True):
    """What stands above a column."""

    text: str
    is_number: bool = False


class Cell(Struct, frozen=True):
    """One cell."""

    text: str
    is_number: bool = False
    best: bool = False
    full: str = ""
    """What is shown where one points at it, if that is more, and what stays true in a file."""
    number: float | None = None
    """What a table in a file is sorted by, since `2 h 3 min` says nothing to JavaScript."""


class Part(Struct, frozen=True):
    """Rows under a title of their own."""

    title: str
    about: str
    rows: tuple[tuple[Cell, ...], ...]


class ShownTable(Struct, frozen=True):
    """A table for a template."""

    title: str
    about: str
    heads: tuple[Head, ...]
    parts: tuple[Part, ...]
    has_heads: bool

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """All rows, whatever they are about."""
        return tuple(row for part in self.parts for row in part.rows)


_EXPLAINED = 2
"""More columns than these need heads on a page, if not on a terminal."""


def shown_tables(document: Document) -> list[ShownTable]:
    """Return the tables of a document that is for the terminal as well."""
    return [shown(table) for table in document.tables()]


def shown(table: Table) -> ShownTable:
    """Return one table; columns without any text are left out unless it has heads."""
    found = [(at, one) for at, one in enumerate(written(table)) if table.header or any(one.texts)]
    rows = [
        tuple(
            Cell(
                one.texts[row],
                one.are_numbers,
                (row, at) in table.best,
                _full(cells[at]),
                _number(cells[at]),
            )
            for at, one in found
        )
        for row, cells in enumerate(table.rows)
    ]
    heads = tuple(Head(_head(one.column, table), one.are_numbers) for _, one in found)
    return ShownTable(
        table.title,
        table.about,
        heads,
        tuple(_parts(table, rows)),
        table.header or len(found) > _EXPLAINED,
    )


def _head(column: Column, table: Table) -> str:
    return column.heading if table.header else column.name


def _parts(table: Table, rows: Sequence[tuple[Cell, ...]]) -> Iterator[Part]:
    starts = [group.start for group in table.groups]
    for group, end in zip(table.groups, [*starts[1:], len(rows)], strict=False):
        yield Part(group.title, group.about, tuple(rows[group.start : end]))
    if not table.groups:
        yield Part("", "", tuple(rows))


def _full(value: object) -> str:
    return value.date if isinstance(value, Dated) else ""


def _number(value: object) -> float | None:
    try:
        found = float(value) if is_number(value) else math.nan
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def widened(table: Table) -> Table:
    """Return a table whose cells are not cut: a page has room for them."""
    columns = tuple(replace(column, limit=0) for column in table.columns)
    return replace(table, columns=columns)
