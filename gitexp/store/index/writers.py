"""Which run wrote what, as the index knows it."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitexp.model.record import RunRecord
from gitexp.store.index.answers import runs_at
from gitexp.store.index.cells import text_of
from gitexp.store.stored_run import StoredRun

_AT_ONCE = 500
"""How many paths are asked for by one statement."""

_ASKED = (
    "SELECT r.id, r.name FROM written JOIN runs r ON r.position = run"
    " WHERE written.project = ? AND path = ? AND md5 = ? AND r.id <> ?"
    " AND run < coalesce((SELECT position FROM runs WHERE id = ?), run + 1)"
    " ORDER BY r.command IS NULL, run DESC LIMIT 1"  # what was saved may have lain there
)

_MADE = (
    "SELECT run FROM written JOIN runs r ON r.position = run"
    " WHERE written.project = ? AND path = ? AND md5 = ? AND r.command IS NOT NULL"
    " ORDER BY run DESC LIMIT 1"
)


class Writer(Struct, frozen=True):
    """The run that wrote something, under its current name."""

    id: str
    name: str


def writers_of(connection: sqlite3.Connection, record: RunRecord) -> Mapping[str, Writer]:
    """Return, by path, which run wrote an input behind a pointer, the last before this run.

    A run stands after all that it can have read from, whichever clone they came from. Each
    path is one look-up by key, however many runs there are.
    """
    folder, run_id = os.fsencode(record.project), text_of(record.id)
    found = {}
    for one in record.pointers:
        if one.role == "input":
            values = (folder, os.fsencode(one.path), text_of(one.md5), run_id, run_id)
            row = connection.execute(_ASKED, values).fetchone()
            if row is not None:
                found[one.path] = Writer(*row)
    return found


def places_of(connection: sqlite3.Connection, project: str, paths: Iterable[str]) -> dict[str, int]:
    """Return the paths that runs wrote, with the position of the last one that did."""
    folder, wanted = os.fsencode(project), list(paths)
    if not wanted:
        return {}
    known = dict(zip(os.fsencode("\0".join(wanted)).split(b"\0"), wanted, strict=True))
    found: dict[str, int] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        part = list(itertools.islice(known, at, at + _AT_ONCE))
        marks = ", ".join("?" * len(part))
        asked = f"SELECT path, run FROM outputs WHERE project = ? AND path IN ({marks})"
        for path, position in connection.execute(asked, (folder, *part)):
            found[known[path]] = position
    return found


def last_writers(
    connection: sqlite3.Connection, project: str, paths: Iterable[str]
) -> dict[str, StoredRun]:
    """Return, by path, the last run that wrote it."""
    places = places_of(connection, project, paths)
    positions = sorted(set(places.values()))
    runs = dict(zip(positions, runs_at(connection, positions), strict=True))
    return {path: runs[position] for path, position in places.items()}


def makers(
    connection: sqlite3.Connection, project: str, versions: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], StoredRun]:
    """Return, by path and md5, the last run whose command wrote that; what was saved made nothing.

    Each is one look-up by key, however many runs there are.
    """
    folder, places = os.fsencode(project), {}
    for path, md5 in versions:
        values = (folder, os.fsencode(path), text_of(md5))
        row = connection.execute(_MADE, values).fetchone()
        if row is not None:
            places[path, md5] = row[0]
    positions = sorted(set(places.values()))
    runs = dict(zip(positions, runs_at(connection, positions), strict=True))
    return {version: runs[position] for version, position in places.items()}
