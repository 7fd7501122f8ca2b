"""The runs that have a metric, each with that one value: no record is read for it."""

from __future__ import annotations

import sqlite3
from typing import cast

from msgspec import Struct

from gitexp.comparison.query.expression import Column
from gitexp.comparison.trend import MeasuredRun
from gitexp.store.index.cells import LARGE, NAN, NUMBER, ColumnIds, decode
from gitexp.store.index.selection import Selection, Statement, conditions


class Measured(Struct, frozen=True):
    """The runs with a number, and what there is to know of the others."""

    runs: list[MeasuredRun]
    """By when they started."""
    without: int
    """How many have no number."""
    failed: int
    """How many of those did not end well."""


def measured(
    connection: sqlite3.Connection, wanted: Selection, column: Column, column_ids: ColumnIds
) -> Measured:
    """Return what a column of the index says of the runs that are wanted, whatever the limit."""
    where, values = conditions(connection, wanted, column_ids)
    every = f"runs r WHERE {' AND '.join(where)}"
    having, more = _having(connection, wanted, column, column_ids)
    asked = (
        f"SELECT r.oid, r.id, r.name, r.started, x.kind, x.value FROM {having}"
        " ORDER BY r.started, r.ended, r.id"
    )
    runs = [
        MeasuredRun(oid, run_id, name, started, cast("float", decode(kind, value)))
        for oid, run_id, name, started, kind, value in connection.execute(asked, more)
    ]
    total, failed = _counts(connection, every, values)
    there, failed_there = _counts(connection, having, more)
    return Measured(runs, total - there, failed - failed_there)


def _counts(connection: sqlite3.Connection, source: str, values: list[object]) -> tuple[int, int]:
    """Return how many runs there are, and how many of them did not end well."""
    asked = f"SELECT count(*), count(nullif(r.status, 'done')) FROM {source}"
    runs, failed = connection.execute(asked, values).fetchone()
    return runs, failed


def _having(
    connection: sqlite3.Connection, wanted: Selection, column: Column, column_ids: ColumnIds
) -> Statement:
    """Return what the runs with a number are selected from; NaN is one."""
    where, values = conditions(connection, wanted, column_ids)
    ids = ", ".join(map(str, column_ids(column)))
    source = (
        "cells x CROSS JOIN runs r ON r.position = x.run"
        f" WHERE x.column_id IN ({ids}) AND x.kind IN ({LARGE}, {NUMBER}, {NAN})"
        f" AND {' AND '.join(where)}"
    )
    return source, values
