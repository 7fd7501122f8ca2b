"""Runs by the values that they share: which groups there are, and the numbers of each.

SQL finds the runs, numbers the groups, and reads no cell of another run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.expression import Column
from gitexp.model.values import Value
from gitexp.store.index.answers import folder_twice
from gitexp.store.index.cells import ColumnIds, decode
from gitexp.store.index.selection import Selection, conditions
from gitexp.store.index.terms import NUMERIC, Term, term, terms_of, value_of


class ByValue(Struct, frozen=True):
    """Runs that share the values of some columns."""

    key: tuple[Value, ...]
    """These values; None for nothing."""
    count: int
    """How many ended well."""
    failed: int
    """How many did not: what they wrote does not count."""
    numbers: Mapping[str, Sequence[float]]
    """By the full name of the column, over the runs that ended well and have a number."""


def grouped(
    connection: sqlite3.Connection,
    wanted: Selection,
    keys: Sequence[Column],
    numbers: Sequence[Column],
    column_ids: ColumnIds,
) -> list[ByValue]:
    """Return the groups of the wanted runs, whatever the limit, in no order of sense."""
    terms = terms_of(keys, column_ids)
    connection.execute("DROP TABLE IF EXISTS temp.grouped")
    connection.execute(
        "CREATE TEMP TABLE grouped (run INTEGER PRIMARY KEY, number INTEGER, done INTEGER)"
    )
    by = ", ".join(f"{one.kind}, {one.value}" for one in terms)
    where, values = conditions(connection, replace(wanted, readable=True), column_ids)
    connection.execute(
        f"INSERT INTO temp.grouped SELECT r.position, dense_rank() OVER (ORDER BY {by}),"
        f" r.status = 'done' FROM runs r{''.join(one.join for one in terms)}"
        f" WHERE {' AND '.join(where)}",
        values,
    )
    samples = {
        str(one): _samples(connection, term(one, 0, column_ids)) for one in dict.fromkeys(numbers)
    }
    return [
        ByValue(
            key,
            done,
            runs - done,
            {name: found[number] for name, found in samples.items() if number in found},
        )
        for number, key, runs, done in _keys(connection, terms)
    ]


def _keys(
    connection: sqlite3.Connection, terms: Sequence[Term]
) -> list[tuple[int, tuple[Value, ...], int, int]]:
    """Return the numbers of the groups with their values and how many runs they have."""
    listed = "".join(f", {one.kind}, {one.value}" for one in terms)
    asked = (
        f"SELECT g.number, g.runs, g.done{listed} FROM (SELECT number, min(run) AS run,"
        " count(*) AS runs, sum(done) AS done FROM temp.grouped GROUP BY number) g"
        f" JOIN runs r ON r.position = g.run{''.join(one.join for one in terms)}"
    )
    return [
        (number, tuple(map(value_of, raw[::2], raw[1::2])), runs, done)
        for number, runs, done, *raw in connection.execute(asked)
    ]


def _samples(connection: sqlite3.Connection, one: Term) -> dict[int, list[float]]:
    """Return the numbers of a column by the number of the group."""
    found: dict[int, list[float]] = {}
    asked = (
        f"SELECT g.number, {one.kind}, {one.value} FROM temp.grouped g"
        f" CROSS JOIN runs r ON r.position = g.run{one.join}"
        f" WHERE g.done AND {one.kind} IN {NUMERIC}"
    )
    for number, kind, raw in connection.execute(asked):
        found.setdefault(number, []).append(cast("float", decode(kind, raw)))
    return found


def metric_names(
    connection: sqlite3.Connection, project: str | None, is_asked: Callable[[str], bool]
) -> list[Column]:
    """Return those metrics of a project (None: of all) that are asked for and may be numbers."""
    rows = connection.execute(
        "SELECT DISTINCT name FROM columns"
        " WHERE kind = 'metrics' AND scalars AND (? IS NULL OR project = ?) ORDER BY id",
        folder_twice(project),
    )
    return [Column("metrics", name) for (name,) in rows if is_asked(name)]
