"""Runs that repeat one another, told apart by two digests that callers work out.

The look is what a record alone shows; the key takes git as well, so it is worked out only for
runs that look alike, and once. Both are kept as long as the settings that they follow from stay.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from gitexp.comparison.query.expression import Column
from gitexp.store.index.answers import runs_at
from gitexp.store.index.cells import ColumnIds, decode
from gitexp.store.index.file import transaction
from gitexp.store.index.selection import NEWEST, Selection, conditions
from gitexp.store.reading import StoredRun

_BATCH = 500
_SETTINGS_KEPT = 4
"""The digests of how many settings are kept: those of the branches that people work on."""


class Alike(Struct, frozen=True):
    """What says which runs of a project look alike, by its settings."""

    project: str
    settings: str
    """A digest of all that the two others follow from, apart from the run."""
    look: Callable[[StoredRun], str]
    key: Callable[[StoredRun], str]


class Member(NamedTuple):
    """A run with what tells its repeats."""

    position: int
    id: str
    look: str
    key: str | None
    """None if it has not been worked out yet."""
    value: object = None
    """That of a column, if one was asked for."""


def fill_looks(connection: sqlite3.Connection, alike: Alike) -> None:
    """Work out how the runs look that are new; what cannot be kept is worked out again."""
    with contextlib.suppress(sqlite3.Error):  # damage is found, and mended, by the question
        if next(_unseen(connection, alike), None) is not None:
            _fill(connection, alike)


def _fill(connection: sqlite3.Connection, alike: Alike) -> None:
    with transaction(connection):
        _forget(connection, alike)
        for part in _batches(_unseen(connection, alike)):
            connection.executemany(
                "INSERT OR IGNORE INTO groups VALUES (?, ?, ?, NULL)",
                ((alike.settings, at, look) for at, look in _looks(connection, alike, part)),
            )


def _forget(connection: sqlite3.Connection, alike: Alike) -> None:
    """Make room for the digests of new settings, if there are those of many."""
    known = [row[0] for row in connection.execute("SELECT DISTINCT settings FROM groups")]
    if alike.settings not in known and len(known) >= _SETTINGS_KEPT:
        connection.execute("DELETE FROM groups")


def _unseen(connection: sqlite3.Connection, alike: Alike) -> Iterator[int]:
    """Yield the positions of runs whose looks are not there: positions only ever grow."""
    asked = (
        "SELECT position FROM runs WHERE project = ? AND readable AND position >"
        " coalesce((SELECT max(run) FROM groups WHERE settings = ?), 0) ORDER BY position"
    )
    values = (os.fsencode(alike.project), alike.settings)
    return (row[0] for row in connection.execute(asked, values))


def _looks(
    connection: sqlite3.Connection, alike: Alike, positions: list[int]
) -> Iterator[tuple[int, str]]:
    for at, run in zip(positions, runs_at(connection, positions), strict=True):
        yield at, alike.look(run)


def _batches(positions: Iterable[int]) -> Iterator[list[int]]:
    found = list(positions)  # what is written meanwhile would change the answer
    return (found[at : at + _BATCH] for at in range(0, len(found), _BATCH))


def runs_alike(
    connection: sqlite3.Connection, alike: Alike, look: str, limit: int
) -> list[tuple[StoredRun, str | None]]:
    """Return the runs with a look that are done, the newest first, with their keys."""
    rows = connection.execute(
        "SELECT r.position, g.key FROM groups g JOIN runs r ON r.position = g.run"
        " WHERE g.settings = ? AND g.look = ? AND NOT r.removed AND r.status = 'done'"
        f" ORDER BY {NEWEST} LIMIT ?",
        (alike.settings, look, limit),
    ).fetchall()
    keys = {position: key for position, key in rows}
    for part in _batches(_unseen(connection, alike)):  # they could not be kept
        keys |= {at: None for at, found in _looks(connection, alike, part) if found == look}
    runs = runs_at(connection, list(keys))
    return list(zip(runs, keys.values(), strict=True))


def members(
    connection: sqlite3.Connection,
    wanted: Selection,
    alike: Alike,
    column: Column | None,
    column_ids: ColumnIds,
) -> list[Member]:
    """Return the wanted runs, newest first, with the values of a metric or param if one is given.

    Runs without a value are then left out.
    """
    where, values = conditions(connection, wanted, column_ids)
    cells, chosen = "", "NULL, NULL"
    if column is not None:
        ids = ", ".join(map(str, column_ids(column)))
        cells = f" JOIN cells x ON x.run = r.position AND x.column_id IN ({ids})"
        chosen = "x.kind, x.value"
    rows = connection.execute(
        f"SELECT r.position, r.id, g.look, g.key, {chosen} FROM runs r{cells}"
        " LEFT JOIN groups g ON g.settings = ? AND g.run = r.position"
        f" WHERE {' AND '.join(where)} ORDER BY {NEWEST}",
        [alike.settings, *values],
    ).fetchall()
    lacking = [row[0] for row in rows if row[2] is None]
    looks = dict(
        itertools.chain.from_iterable(
            _looks(connection, alike, part) for part in _batches(lacking)
        )
    )
    return [
        Member(at, run_id, look or looks[at], key, None if kind is None else decode(kind, value))
        for at, run_id, look, key, kind, value in rows
    ]


def keep_keys(connection: sqlite3.Connection, alike: Alike, keys: Iterable[tuple[str, str]]) -> None:
    """Keep the keys of runs, by their ids; what cannot be kept is worked out again."""
    with contextlib.suppress(sqlite3.Error), transaction(connection):
        connection.executemany(
            "UPDATE groups SET key = ? WHERE settings = ?"
            " AND run = (SELECT position FROM runs WHERE id = ?)",
            ((key, alike.settings, run_id) for run_id, key in keys),
        )
