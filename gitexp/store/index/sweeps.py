"""The runs of sweeps, and runs that have the same inputs, as the index knows them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from gitexp.comparison.query.expression import Column
from gitexp.store.index.answers import folder_twice, ids_in, runs_at
from gitexp.store.index.cells import text_of
from gitexp.store.stored_run import StoredRun


class SweepRow(NamedTuple):
    """A run of a sweep, without its record."""

    position: int
    id: str
    name: str
    status: str
    reason: str | None
    ended: str
    point: int
    repeat: int


class SweepName(NamedTuple):
    """A sweep that has runs."""

    id: str
    name: str | None


class SweepCounts(NamedTuple):
    """A sweep that has runs, and what became of them."""

    id: str
    name: str | None
    runs: int
    done: int
    started: str
    """When its first run was."""
    ended: str
    """When its last run did."""


def counted_sweeps(connection: sqlite3.Connection, project: str) -> list[SweepCounts]:
    """Return the sweeps with runs that are not removed, the one begun last first."""
    asked = (
        "SELECT sweep, max(sweep_name), count(*), sum(status = 'done'), min(started), max(ended)"
        " FROM runs WHERE sweep IS NOT NULL AND project = ? AND NOT removed"
        " GROUP BY sweep ORDER BY min(position) DESC"
    )
    return [SweepCounts(*row) for row in connection.execute(asked, (os.fsencode(project),))]


def rows_of_sweep(
    connection: sqlite3.Connection, sweep: str, project: str, after: int
) -> list[SweepRow]:
    """Return the runs of a sweep that stand after a position and are not removed."""
    asked = (
        "SELECT position, id, name, status, reason, ended, point, repeat FROM runs"
        " WHERE sweep = ? AND project = ? AND NOT removed AND position > ? ORDER BY position"
    )
    found = connection.execute(asked, (text_of(sweep), os.fsencode(project), after))
    return [SweepRow(*row) for row in found]


def state_of_sweep(connection: sqlite3.Connection, sweep: str, last: int) -> tuple[object, ...]:
    """Return what tells whether all that was read up to a position still holds."""
    asked = (
        "SELECT count(*), sum(removed), (SELECT id FROM runs WHERE position = ?)"
        " FROM runs WHERE sweep = ? AND position <= ?"
    )
    return tuple(connection.execute(asked, (last, text_of(sweep), last)).fetchone())


def known_among(connection: sqlite3.Connection, sweeps: Iterable[str]) -> list[SweepName]:
    """Return those of some sweeps that have runs, removed ones as well."""
    asked = "SELECT sweep, sweep_name FROM runs WHERE sweep = ? ORDER BY position LIMIT 1"
    found = (connection.execute(asked, (text_of(one),)).fetchone() for one in sweeps)
    return [SweepName(*row) for row in found if row is not None]


def sweeps_called(
    connection: sqlite3.Connection, text: str, project: str | None
) -> list[SweepName]:
    """Return the sweeps whose name or id is `text`, or whose id begins so."""
    start = text_of(text)
    asked = (
        "SELECT DISTINCT sweep, sweep_name FROM runs"
        " WHERE (sweep BETWEEN ? AND ? OR sweep_name = ?) AND (? IS NULL OR project = ?)"
    )
    values = (start, start + "\U0010ffff", start, *folder_twice(project))
    return [SweepName(*row) for row in connection.execute(asked, values)]


def last_sweep(connection: sqlite3.Connection, project: str) -> SweepName | None:
    """Return the sweep of the run that ended last among those of sweeps."""
    asked = (
        "SELECT sweep, sweep_name FROM runs WHERE sweep IS NOT NULL AND project = ?"
        " AND NOT removed ORDER BY ended DESC, id DESC LIMIT 1"
    )
    row = connection.execute(asked, (os.fsencode(project),)).fetchone()
    return SweepName(*row) if row is not None else None


def all_sweeps(connection: sqlite3.Connection, project: str) -> list[SweepName]:
    """Return the sweeps that have runs which are not removed, the one begun last first."""
    asked = (
        "SELECT sweep, max(sweep_name) FROM runs WHERE sweep IS NOT NULL AND project = ?"
        " AND NOT removed GROUP BY sweep ORDER BY min(position) DESC"
    )
    return [SweepName(*row) for row in connection.execute(asked, (os.fsencode(project),))]


def sweeps_with(
    connection: sqlite3.Connection, column: Column, project: str, most: int
) -> list[str]:
    """Return the sweeps with runs that have a metric or param, those of the last runs first."""
    ids = ", ".join(map(str, ids_in(connection, project)(column)))
    asked = (
        "SELECT r.sweep FROM cells c JOIN runs r ON r.position = c.run"
        f" WHERE c.column_id IN ({ids}) AND r.sweep IS NOT NULL AND NOT r.removed"
        " GROUP BY r.sweep ORDER BY max(r.position) DESC LIMIT ?"
    )
    return [row[0] for row in connection.execute(asked, (most,))]


def run_of_sweep(connection: sqlite3.Connection, sweep: str) -> StoredRun | None:
    """Return one run of a sweep, removed or not: its tree has the definition."""
    asked = "SELECT position FROM runs WHERE sweep = ? AND readable ORDER BY position DESC LIMIT 1"
    rows = connection.execute(asked, (text_of(sweep),)).fetchall()
    return runs_at(connection, [rows[0][0]])[0] if rows else None


def furthest_of_sweep(connection: sqlite3.Connection, sweep: str) -> StoredRun | None:
    """Return the last run of the last point of a sweep."""
    order = "ORDER BY point DESC, position DESC LIMIT 1"
    asked = f"SELECT position FROM runs WHERE sweep = ? AND readable {order}"
    rows = connection.execute(asked, (text_of(sweep),)).fetchall()
    return runs_at(connection, [rows[0][0]])[0] if rows else None
