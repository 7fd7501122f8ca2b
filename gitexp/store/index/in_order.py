"""Columns of very many runs kept in order, once somebody has sorted by them."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from gitexp.store.index.cells import LARGE, NAN, NUMBER, ColumnIds
from gitexp.store.index.file import transaction

if TYPE_CHECKING:
    from gitexp.store.index.selection import Selection

MANY = 200_000
"""From how many values on it pays: to look at all takes 40 ms then."""
_MOST_KEPT = 8
"""Each takes a moment of every run that is added, and 35 bytes of it."""

KIND = f"max(kind, {NUMBER})"  # integers of any size are sorted together
VALUE = f"CASE kind WHEN {LARGE} THEN CAST(value AS REAL) ELSE value END"
_NAME = "cells_in_order_"

Place = tuple[int, int, object]
"""A run, and the kind and the value by which it is sorted."""


def keep_in_order(connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds) -> None:
    """Have the column in order by which so many runs are to be sorted; nobody is waited for."""
    with contextlib.suppress(sqlite3.Error):  # damage is found, and mended, by the question
        column_id = _column_id(wanted, column_ids)
        if column_id is None or _count(connection, column_id) < MANY:
            return
        kept = _kept(connection)
        if column_id in kept or len(kept) >= _MOST_KEPT:
            return
        before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            with transaction(connection):
                connection.execute(
                    f"CREATE INDEX IF NOT EXISTS {_NAME}{column_id} ON cells"
                    f" ({KIND}, {VALUE}) WHERE column_id = {column_id}"
                )
        finally:
            connection.execute(f"PRAGMA busy_timeout = {before}")


def first_in_order(
    connection: sqlite3.Connection, column_id: int, *, descending: bool, limit: int
) -> list[Place] | None:
    """Return the runs that come first by a column; None if it is not kept in order."""
    if column_id not in _kept(connection):
        return None
    found: list[Place] = []
    for kind in range(NUMBER, NAN + 1):
        asked = (
            f"SELECT run, {KIND}, {VALUE} FROM cells INDEXED BY {_NAME}{column_id}"
            f" WHERE column_id = {column_id} AND {KIND} = {kind}"
            f" ORDER BY {VALUE} {'DESC' if descending else 'ASC'} LIMIT {limit - len(found)}"
        )
        found += connection.execute(asked)
        if len(found) == limit:
            break
    return found


def _column_id(wanted: Selection, column_ids: ColumnIds) -> int | None:
    sort = wanted.sort
    if sort is None or sort.column.kind == "attribute" or wanted.where is not None:
        return None
    ids = column_ids(sort.column) if wanted.limit is not None else ()
    return ids[0] if len(ids) == 1 else None


def _count(connection: sqlite3.Connection, column_id: int) -> int:
    """Return how many runs have a column; 0 if another process has made the index anew since."""
    found = connection.execute("SELECT runs FROM columns WHERE id = ?", (column_id,)).fetchone()
    return int(found[0]) if found else 0


def _kept(connection: sqlite3.Connection) -> set[int]:
    """Return the columns that are kept in order."""
    asked = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'cells'"
    names = (row[0] for row in connection.execute(asked))
    return {int(name.removeprefix(_NAME)) for name in names if name.startswith(_NAME)}
