"""What `gitexp ls --pivot` shows: one value of the runs, by two others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from gitexp.comparison.changes import ABSENT
from gitexp.comparison.ranking import Direction, ranked
from gitexp.model.numbers import counted, is_nan
from gitexp.model.values import Value, dumps
from gitexp.rendering.cells import value_row
from gitexp.rendering.spreads import sample_data
from gitexp.rendering.table import BLANK, Column, Document, Flat, Table
from gitexp.review.statistics import Sample

Joined = Literal["mean", "best", "min", "max", "n"]
"""How the values of several runs in a cell become one."""


class Spot(Struct, frozen=True):
    """The runs of one cell."""

    row: Value
    column: Value
    sample: Sample


class Pivot(Struct, frozen=True):
    """One value by two others."""

    rows: str
    """What the rows are by."""
    columns: str
    value: str
    joined: Joined
    spots: tuple[Spot, ...]
    direction: Direction | None = None
    """Which value is best, if that is known."""
    failed: int = 0
    """How many runs did not end well, and do not count."""
    lacking: int = 0
    """How many of the others have no number."""


def joined_value(found: Sample, joined: Joined, direction: Direction | None) -> float:
    """Return what the values of a cell come to.

    >>> joined_value(Sample((1.0, 3.0)), "best", "asc"), joined_value(Sample((1.0,)), "n", None)
    (1.0, 1)
    """
    if joined == "n":
        return len(found.values)
    if joined == "mean":
        return found.mean
    is_least = joined == "min" or (joined == "best" and direction == "asc")
    return found.least if is_least else found.most


def pivot_document(pivot: Pivot) -> Document:
    """Show a pivot: a row and a column for each value that there is, in their order."""
    return Document(
        data=lambda: _data(pivot),
        flat=lambda: _flat(pivot),
        tables=lambda: [_table(pivot)] if pivot.spots else [],
        notes=tuple(_notes(pivot)),
        legend=f"the best '{pivot.value}'" if _has_best(pivot) else "",
        ways=("--csv", "--json"),
    )


def _has_best(pivot: Pivot) -> bool:
    return pivot.joined in ("mean", "best") and pivot.direction is not None


def values_in_order(values: Sequence[Value]) -> list[Value]:
    """Return the values that there are, each once: numbers first, nothing last.

    >>> values_in_order([0.1, None, "a", 0.01, 0.1])
    [0.01, 0.1, 'a', None]
    """
    return ranked({_text(one): one for one in values}.values(), lambda one: one)


def _text(value: Value) -> str:
    """Return what tells values apart; 1 and 1.0 are one."""
    is_whole = isinstance(value, float) and value.is_integer()
    return dumps(int(value) if is_whole and isinstance(value, float) else value)


def _cells(pivot: Pivot) -> tuple[list[Value], list[Value], Mapping[tuple[str, str], Sample]]:
    """Return the values of rows and columns, and what stands where."""
    rows = values_in_order([one.row for one in pivot.spots])
    columns = values_in_order([one.column for one in pivot.spots])
    return rows, columns, {(_text(one.row), _text(one.column)): one.sample for one in pivot.spots}


def _table(pivot: Pivot) -> Table:
    rows, columns, found = _cells(pivot)
    grid = [
        [_joined(pivot, found.get((_text(row), _text(one)))) for one in columns] for row in rows
    ]
    heads = _texts(columns)
    shown = (
        Column(pivot.rows, "value", f"{pivot.rows} \\ {pivot.columns}", limit=40),
        *(
            Column(f"{pivot.columns}={head}", "value", head, rank=at, limit=20)
            for at, head in enumerate(heads, 1)
        ),
    )
    return Table(
        shown,
        [
            [ABSENT if row is None else row, *(BLANK if one is None else one for one in cells)]
            for row, cells in zip(rows, grid, strict=True)
        ],
        header=True,
        best=frozenset(_best(pivot, grid)),
    )


def _best(pivot: Pivot, grid: Sequence[Sequence[float | None]]) -> Iterator[tuple[int, int]]:
    there = [one for row in grid for one in row if one is not None and not is_nan(one)]
    if not _has_best(pivot) or len(there) <= 1:
        return
    best = min(there) if pivot.direction == "asc" else max(there)
    for row, cells in enumerate(grid):
        yield from ((row, at + 1) for at, one in enumerate(cells) if one == best)


def _joined(pivot: Pivot, found: Sample | None) -> float | None:
    return None if found is None else joined_value(found, pivot.joined, pivot.direction)


def _texts(values: Sequence[Value]) -> list[str]:
    return value_row([ABSENT if one is None else one for one in values])


def _data(pivot: Pivot) -> dict[str, object]:
    rows, columns, found = _cells(pivot)
    places = ((row, one, found.get((_text(row), _text(one)))) for row in rows for one in columns)
    return {
        "rows": pivot.rows,
        "columns": pivot.columns,
        "value": pivot.value,
        "agg": pivot.joined,
        "failed": pivot.failed,
        "without": pivot.lacking,
        "cells": [
            {
                "row": row,
                "column": one,
                "value": _joined(pivot, there),
                **sample_data(there, values=False),
            }
            for row, one, there in places
            if there is not None
        ],
    }


def _flat(pivot: Pivot) -> Flat:
    rows, columns, found = _cells(pivot)
    texts = zip(_texts(columns), columns, strict=True)
    heads = [f"{pivot.columns}={'' if one is None else text}" for text, one in texts]
    table = (
        (row, [_joined(pivot, found.get((_text(row), _text(one)))) for one in columns])
        for row in rows
    )
    return Flat(
        (pivot.rows, *heads),
        (
            [ABSENT if row is None else row, *(ABSENT if one is None else one for one in cells)]
            for row, cells in table
        ),
    )


def _notes(pivot: Pivot) -> Iterator[str]:
    if not pivot.spots:
        yield f"No runs with a number for '{pivot.value}'."
    else:
        yield f"Cells: {_said(pivot)}."
    left_out = [
        f"{counted(pivot.failed, 'run')} that did not end well" if pivot.failed else "",
        f"{counted(pivot.lacking, 'run')} without '{pivot.value}'" if pivot.lacking else "",
    ]
    if any(left_out):
        yield f"Not counted: {', '.join(filter(None, left_out))}."


def _said(pivot: Pivot) -> str:
    """Say what stands in the cells, and of how many runs it is."""
    counts = [len(one.sample.values) for one in pivot.spots]
    least, most = min(counts), max(counts)
    if pivot.joined == "n":
        return f"how many runs have '{pivot.value}'"
    runs = f"of {least} to {most} runs each" if least < most else f"of {counted(most, 'run')} each"
    if most == 1:
        return f"'{pivot.value}' of one run each"
    what = {"mean": "the mean of", "best": "the best", "min": "the smallest", "max": "the largest"}
    return f"{what[pivot.joined]} '{pivot.value}' {runs}"
