"""Runs that repeat one another, told apart by two digests that callers work out.

The look is what a record alone shows; the key takes git as well, so it is worked out only for
runs that look alike, and once. Both are kept as long as the settings that they follow from stay.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from gitexp.comparison.query.expression import Column
from gitexp.model.values import Value
from gitexp.store.index.answers import runs_at
from gitexp.store.index.cells import ColumnIds, decode
from gitexp.store.index.file import transaction
from gitexp.store.index.selection import NEWEST, Selection, conditions, positions
from gitexp.store.stored_run import StoredRun, read_by_the_hundred

_BATCH = 500
_SETTINGS_KEPT = 4
"""The digests of how many settings are kept: those of the branches that people work on."""
_THESE = "(SELECT id FROM likings WHERE settings = ?)"
"""The number that settings have in the index."""


class Alike(Struct, frozen=True):
    """What says which runs of a project look alike, by its settings."""

    project: str
    settings: str
    """All that the two others follow from, apart from the run."""
    look: Callable[[StoredRun], str]
    keys: Callable[[Sequence[StoredRun]], list[str]]


class Member(NamedTuple):
    """A run with what tells its repeats."""

    position: int
    id: str
    done: bool
    look: str
    key: str | None
    """None if it has not been worked out yet."""
    value: Value = None
    """That of a column, if one was asked for."""


def fill_looks(connection: sqlite3.Connection, alike: Alike) -> None:
    """Work out how the runs look that are new; what cannot be kept is worked out again."""
    with contextlib.suppress(sqlite3.Error):  # damage is found, and mended, by the question
        if next(_unseen(connection, alike), None) is not None:
            _fill(connection, alike)


def _fill(connection: sqlite3.Connection, alike: Alike) -> None:
    with transaction(connection):
        number = _number(connection, alike)
        for part in _batches(_unseen(connection, alike)):
            connection.executemany(
                "INSERT OR IGNORE INTO groups VALUES (?, ?, ?, NULL)",
                ((number, at, look) for at, look in _looks(connection, alike, part)),
            )
            _note_repeats(connection, number, part)


def _number(connection: sqlite3.Connection, alike: Alike) -> int:
    """Return the number of settings, with room made for new ones if there are those of many."""
    known = dict(connection.execute("SELECT settings, id FROM likings"))
    if alike.settings not in known and len(known) >= _SETTINGS_KEPT:
        connection.execute("DELETE FROM groups")
        connection.execute("DELETE FROM likings")
    asked = "INSERT OR IGNORE INTO likings (settings) VALUES (?)"
    connection.execute(asked, (alike.settings,))
    [[number]] = connection.execute(f"SELECT {_THESE}", (alike.settings,))
    return int(number)


def _note_repeats(connection: sqlite3.Connection, number: int, new: list[int]) -> None:
    """Note whether a new run looks like another, so that nobody has to count them all."""
    listed = ", ".join(map(str, new))
    twice = (
        "SELECT 1 FROM groups n JOIN groups g ON g.settings = n.settings AND g.look = n.look"
        f" AND g.run <> n.run WHERE n.settings = ? AND n.run IN ({listed})"
    )
    asked = f"UPDATE likings SET repeats = 1 WHERE id = ? AND EXISTS ({twice})"
    connection.execute(asked, (number, number))


def _unseen(connection: sqlite3.Connection, alike: Alike) -> Iterator[int]:
    """Yield the positions of runs whose looks are not there: positions only ever grow."""
    asked = (
        "SELECT position FROM runs WHERE project = ? AND readable AND position >"
        f" coalesce((SELECT max(run) FROM groups WHERE settings = {_THESE}), 0) ORDER BY position"
    )
    values = (os.fsencode(alike.project), alike.settings)
    return (row[0] for row in connection.execute(asked, values))


def _looks(
    connection: sqlite3.Connection, alike: Alike, positions: list[int]
) -> Iterator[tuple[int, str]]:
    runs = read_by_the_hundred(runs_at(connection, positions))
    for at, run in zip(positions, runs, strict=True):
        yield at, alike.look(run)


def _batches(positions: Iterable[int]) -> Iterator[list[int]]:
    found = list(positions)  # what is written meanwhile would change the answer
    return (found[at : at + _BATCH] for at in range(0, len(found), _BATCH))


def runs_alike(
    connection: sqlite3.Connection, alike: Alike, look: str, limit: int
) -> list[tuple[StoredRun, str | None]]:
    """Return the runs with a look that ended well, the newest first, with the keys that are known.

    Those of which no look could be kept are looked at again.
    """
    unseen = [
        at
        for part in _batches(_unseen(connection, alike))
        for at, found in _looks(connection, alike, part)
        if found == look
    ]
    places = f"SELECT run FROM groups WHERE settings = {_THESE} AND look = ?"
    if unseen:
        listed = ", ".join(map(str, unseen))
        places += f" UNION ALL SELECT position FROM runs WHERE position IN ({listed})"
    rows = connection.execute(
        "SELECT r.position, g.key FROM runs r"
        f" LEFT JOIN groups g ON g.settings = {_THESE} AND g.run = r.position"
        f" WHERE r.position IN ({places}) AND NOT r.removed AND r.status = 'done'"
        f" ORDER BY {NEWEST} LIMIT ?",
        (alike.settings, alike.settings, look, limit),
    ).fetchall()
    runs = runs_at(connection, [position for position, _ in rows])
    return [(run, key) for run, (_, key) in zip(runs, rows, strict=True)]


def members(
    connection: sqlite3.Connection,
    wanted: Selection,
    alike: Alike,
    column: Column | None,
    column_ids: ColumnIds,
) -> list[Member]:
    """Return the wanted runs in their order, with the values of a metric or param if one is given.

    Those of a newer gitexp are left out.
    """
    where, values = conditions(connection, wanted, column_ids)
    rows = connection.execute(
        "SELECT r.position, r.id, r.status = 'done', g.look, g.key FROM runs r"
        f" LEFT JOIN groups g ON g.settings = {_THESE} AND g.run = r.position"
        f" WHERE {' AND '.join(where)} AND r.readable ORDER BY r.position",
        [alike.settings, *values],
    ).fetchall()
    lacking = [row[0] for row in rows if row[3] is None]  # they could not be kept
    looks = dict(
        itertools.chain.from_iterable(_looks(connection, alike, part) for part in _batches(lacking))
    )
    numbers = _values_of(connection, column, column_ids) if column is not None else {}
    found = {
        at: Member(at, run_id, bool(done), look or looks[at], key, numbers.get(at))
        for at, run_id, done, look, key in rows
    }
    order = positions(connection, wanted, column_ids)
    return [found[at] for at in order if at in found]


def _values_of(
    connection: sqlite3.Connection, column: Column, column_ids: ColumnIds
) -> dict[int, Value]:
    ids = ", ".join(map(str, column_ids(column)))
    asked = f"SELECT run, kind, value FROM cells WHERE column_id IN ({ids})"
    return {run: decode(kind, value) for run, kind, value in connection.execute(asked)}


def any_alike(connection: sqlite3.Connection, alike: Alike) -> bool:
    """Return whether two runs look alike, so that one may repeat the other."""
    if next(_unseen(connection, alike), None) is not None:  # they could not be kept
        return True
    asked = "SELECT 1 FROM likings WHERE settings = ? AND repeats"
    return connection.execute(asked, (alike.settings,)).fetchone() is not None


def keep_keys(
    connection: sqlite3.Connection, alike: Alike, keys: Iterable[tuple[str, str]]
) -> None:
    """Keep the keys of runs, by their ids; what cannot be kept is worked out again."""
    with contextlib.suppress(sqlite3.Error), transaction(connection):
        connection.executemany(
            f"UPDATE groups SET key = ? WHERE settings = {_THESE}"
            " AND run = (SELECT position FROM runs WHERE id = ?)",
            ((key, alike.settings, run_id) for run_id, key in keys),
        )
