"""Which runs are wanted, in which order, and the statements that ask the index for them."""

from __future__ import annotations

import os
import sqlite3

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.expression import Column, Expression
from gitexp.model.made_by import BISECTED
from gitexp.store.index.cells import NAN, ColumnIds
from gitexp.store.index.in_order import KIND, VALUE, first_in_order

NEWEST = "r.ended DESC, r.id DESC"
"""The same order in every clone, in whatever order it met the runs."""
_IS_BISECTED = f"r.position IN (SELECT run FROM tags WHERE tag = '{BISECTED}')"
"""Of equal runs, one that a person has chosen comes first."""
_MOST = 2**63 - 1
"""The largest number that SQLite knows."""
_SPARE = 50


class Sort(Struct, frozen=True):
    """An order; runs without the value, and then those with NaN, come last either way."""

    column: Column
    """Resolved; an attribute other than the tags, a metric or a param."""
    descending: bool
    required: bool = False
    """Leave out the runs without the value, and those with NaN."""


class Selection(Struct, frozen=True):
    """Runs that are wanted, the one that ended last first unless sorted otherwise."""

    project: str | None
    """None for the runs of all projects."""
    where: Expression | None = None
    """Resolved; never true of a run that cannot be read."""
    sort: Sort | None = None
    limit: int | None = None
    skip: int = 0
    """How many to pass over first."""
    removed: bool = False
    """Only the removed ones; else only the others."""
    readable: bool = False
    """Leave out those whose records need a newer gitexp."""
    done: bool = False
    """Only those that did not fail, and were not interrupted."""


Statement = tuple[str, list[object]]


def positions(
    connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds
) -> list[int]:
    """Return where in the index the runs stand, in their order."""
    if wanted.sort is None or wanted.sort.column.kind == "attribute":
        return _asked(connection, _by_attribute(connection, wanted, column_ids))
    if wanted.skip:  # of two kinds of runs, those with and those without a value
        most = None if wanted.limit is None else wanted.limit + wanted.skip
        every = replace(wanted, limit=most, skip=0)
        return positions(connection, every, column_ids)[wanted.skip :]
    found = _by_value(connection, wanted, wanted.sort, column_ids)
    limit = None if wanted.limit is None else wanted.limit - len(found)
    if limit == 0 or wanted.sort.required:
        return found
    rest = replace(wanted, limit=limit, sort=None)
    return found + _asked(connection, _by_attribute(connection, rest, column_ids, wanted.sort))


def count(connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds) -> int:
    """Return how many runs there are, whatever the limit."""
    where, values = conditions(connection, wanted, column_ids)
    asked = f"SELECT count(*) FROM runs r WHERE {' AND '.join(where)}"
    return int(connection.execute(asked, values).fetchone()[0])


def _asked(connection: sqlite3.Connection, statement: Statement) -> list[int]:
    return [row[0] for row in connection.execute(*statement).fetchall()]


def _by_attribute(
    connection: sqlite3.Connection,
    wanted: Selection,
    column_ids: ColumnIds,
    lacking: Sort | None = None,
) -> Statement:
    """Return the statement for runs by an attribute, or of those that lack what is sorted by."""
    where, values = conditions(connection, wanted, column_ids)
    if lacking is not None:
        ids = _ids(lacking, column_ids)
        cells = f"SELECT run FROM cells WHERE column_id IN ({ids})"
        where.append(f"r.position NOT IN ({cells})")
    order = NEWEST
    if wanted.sort is not None:
        name, direction = f"r.{wanted.sort.column.name}", _direction(wanted.sort)
        where += [f"{name} IS NOT NULL"] if wanted.sort.required else []
        order = f"{name} IS NULL, {name} {direction}, {NEWEST}"
    asked = (
        f"SELECT r.position FROM runs r WHERE {' AND '.join(where)}"
        f" ORDER BY {order} LIMIT ? OFFSET ?"
    )
    return asked, [*values, _number(wanted.limit), min(wanted.skip, _MOST)]


def _by_value(
    connection: sqlite3.Connection, wanted: Selection, sort: Sort, column_ids: ColumnIds
) -> list[int]:
    """Return the runs that have a value.

    First only among those whose values come before all others, a few more than are wanted: to
    look up every run takes three times as long. If there turn out to be too few, all are.
    """
    if wanted.limit is not None and wanted.where is None:
        foremost = _foremost(connection, wanted.limit, sort, column_ids)
        found = _asked(connection, _among(connection, wanted, sort, column_ids, foremost))
        if len(found) == wanted.limit:
            return found
    return _asked(connection, _among(connection, wanted, sort, column_ids, None))


def _foremost(
    connection: sqlite3.Connection, limit: int, sort: Sort, column_ids: ColumnIds
) -> list[int]:
    """Return runs whose values come before those of all others, whatever else holds of them."""
    ids, most = column_ids(sort.column), min(2 * limit + _SPARE, _MOST)
    rows = None
    if len(ids) == 1:
        rows = first_in_order(connection, ids[0], descending=sort.descending, limit=most)
    if rows is None:
        asked = (
            f"SELECT run, {KIND}, {VALUE} FROM cells"
            f" WHERE column_id IN ({_ids(sort, column_ids)})"
            f" ORDER BY {KIND}, {VALUE} {_direction(sort)} LIMIT ?"
        )
        rows = connection.execute(asked, [most]).fetchall()
    return [row[0] for row in rows if row[1:] != rows[-1][1:]]  # others may have the last value


def _among(
    connection: sqlite3.Connection,
    wanted: Selection,
    sort: Sort,
    column_ids: ColumnIds,
    runs: list[int] | None,
) -> Statement:
    where, values = conditions(connection, wanted, column_ids)
    where += [f"x.kind != {NAN}"] if sort.required else []
    if runs is not None:
        where.append(f"x.run IN ({', '.join(map(str, runs))})")
    asked = (
        "SELECT x.run FROM cells x CROSS JOIN runs r ON r.position = x.run"
        f" WHERE x.column_id IN ({_ids(sort, column_ids)}) AND {' AND '.join(where)}"
        f" ORDER BY {KIND}, {VALUE} {_direction(sort)}, {_IS_BISECTED}, {NEWEST} LIMIT ?"
    )
    return asked, [*values, _number(wanted.limit)]


def _number(limit: int | None) -> int:
    """Return a limit as SQLite takes it."""
    return -1 if limit is None else min(limit, _MOST)


def _ids(sort: Sort, column_ids: ColumnIds) -> str:
    return ", ".join(map(str, column_ids(sort.column)))


def _direction(sort: Sort) -> str:
    return "DESC" if sort.descending else "ASC"


def conditions(
    connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds
) -> tuple[list[str], list[object]]:
    """Return the conditions that all have to hold, and their values."""
    where, values = [f"r.removed = {int(wanted.removed)}"], list[object]()
    if wanted.project is not None:
        where.append("r.project = ?")
        values.append(os.fsencode(wanted.project))
    if wanted.readable or wanted.where is not None:
        where.append("r.readable")
    if wanted.done:
        where.append("r.status = 'done'")
    if wanted.where is not None:
        from gitexp.store.index.query_sql import Conditions  # noqa: PLC0415 - 10 ms, where there are any

        matching = Conditions(connection, column_ids)
        where.append(matching.sql(wanted.where))
        values += matching.values
    return where, values
