"""Several numbers of each run that is wanted: no record is read for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gitexp.comparison.query.expression import Column
from gitexp.model.numbers import is_nan
from gitexp.model.values import is_number
from gitexp.store.index.cells import ColumnIds
from gitexp.store.index.selection import NEWEST, Selection, conditions
from gitexp.store.index.terms import terms_of, value_of

Numbers = tuple["float | None", ...]
"""What one run has in each column; None for what is no number, or NaN."""


def numbers_of(
    connection: sqlite3.Connection,
    wanted: Selection,
    columns: Sequence[Column],
    column_ids: ColumnIds,
) -> dict[int, Numbers]:
    """Return the numbers by the position of their run, the run that ended last first."""
    terms = terms_of(columns, column_ids)
    where, values = conditions(connection, wanted, column_ids)
    listed = ", ".join(f"{one.kind}, {one.value}" for one in terms)
    asked = (
        f"SELECT r.position, {listed} FROM runs r{''.join(one.join for one in terms)}"
        f" WHERE {' AND '.join(where)} ORDER BY {NEWEST}"
    )
    return {
        position: tuple(map(_number, raw[::2], raw[1::2]))
        for position, *raw in connection.execute(asked, values)
    }


def _number(kind: int | None, raw: float | str | bytes | None) -> float | None:
    value = value_of(kind, raw)
    return value if is_number(value) and not is_nan(value) else None
