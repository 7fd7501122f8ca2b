"""Which runs are wanted, in which order, and the statements that ask the index for them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gitexp.comparison.query.expression import Column, Expression
from gitexp.store.query_sql import ColumnIds, Conditions

_NEWEST = "r.ended DESC, r.position DESC"


@dataclass(frozen=True)
class Sort:
    """An order; runs without the value, and then those with NaN, come last either way."""

    column: Column
    """Resolved; an attribute other than the tags, a metric or a param."""
    descending: bool


@dataclass(frozen=True)
class Selection:
    """Runs that are wanted, the one that ended last first unless sorted otherwise."""

    project: str | None
    """None for the runs of all projects."""
    where: Expression | None = None
    """Resolved; never true of a run that cannot be read."""
    sort: Sort | None = None
    limit: int | None = None
    skip: int = 0
    removed: bool = False
    """Only the removed ones; else only the others."""


Statement = tuple[str, list[object]]


def positions(
    connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds
) -> list[int]:
    """Return where in the index the runs stand, in their order."""
    if wanted.sort is None or wanted.sort.column.kind == "attribute":
        return _asked(connection, _by_attribute(connection, wanted, column_ids))
    found = _asked(connection, _by_value(connection, wanted, column_ids))
    limit = None if wanted.limit is None else wanted.limit - len(found)
    if limit == 0:
        return found
    rest = replace(wanted, limit=limit, sort=None)
    return found + _asked(connection, _by_attribute(connection, rest, column_ids, wanted.sort))


def count(connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds) -> int:
    """Return how many runs there are, whatever the limit."""
    conditions = Conditions(connection, column_ids)
    where = " AND ".join(_conditions(wanted, conditions))
    asked = f"SELECT count(*) FROM runs r WHERE {where}"  # noqa: S608 - our own words
    return int(connection.execute(asked, conditions.values).fetchone()[0])


def _asked(connection: sqlite3.Connection, statement: Statement) -> list[int]:
    return [row[0] for row in connection.execute(*statement).fetchall()]


def _by_attribute(
    connection: sqlite3.Connection,
    wanted: Selection,
    column_ids: ColumnIds,
    lacking: Sort | None = None,
) -> Statement:
    """Return the statement for runs by an attribute, or of those that lack what is sorted by."""
    conditions = Conditions(connection, column_ids)
    where = list(_conditions(wanted, conditions))
    if lacking is not None:
        ids = _ids(lacking.column, column_ids)
        where.append(f"r.position NOT IN (SELECT run FROM cells WHERE column_id IN ({ids}))")
    order = _NEWEST
    if wanted.sort is not None:
        name, direction = f"r.{wanted.sort.column.name}", _direction(wanted.sort)
        order = f"{name} IS NULL, {name} {direction}, {_NEWEST}"
    asked = (
        f"SELECT r.position FROM runs r WHERE {' AND '.join(where)}"  # noqa: S608 - our own words
        f" ORDER BY {order} LIMIT ? OFFSET ?"
    )
    return asked, [*conditions.values, -1 if wanted.limit is None else wanted.limit, wanted.skip]


def _by_value(
    connection: sqlite3.Connection, wanted: Selection, column_ids: ColumnIds
) -> Statement:
    assert wanted.sort is not None  # noqa: S101 - as the caller has seen
    conditions = Conditions(connection, column_ids)
    where = " AND ".join(_conditions(wanted, conditions))
    ids, direction = _ids(wanted.sort.column, column_ids), _direction(wanted.sort)
    asked = (
        "SELECT x.run FROM cells x CROSS JOIN runs r ON r.position = x.run"  # noqa: S608
        f" WHERE x.column_id IN ({ids}) AND {where}"
        " ORDER BY max(x.kind, 1),"  # integers of any size are sorted together
        f" CASE x.kind WHEN 0 THEN CAST(x.value AS REAL) ELSE x.value END {direction},"
        f" {_NEWEST} LIMIT ?"
    )
    return asked, [*conditions.values, -1 if wanted.limit is None else wanted.limit]


def _ids(column: Column, column_ids: ColumnIds) -> str:
    return ", ".join(map(str, column_ids(column)))


def _direction(sort: Sort) -> str:
    return "DESC" if sort.descending else "ASC"


def _conditions(wanted: Selection, conditions: Conditions) -> Iterator[str]:
    if wanted.project is not None:
        conditions.values.append(os.fsencode(wanted.project))
        yield "r.project = ?"
    yield f"r.removed = {int(wanted.removed)}"
    if wanted.where is not None:
        yield "r.readable"
        yield conditions.sql(wanted.where)
