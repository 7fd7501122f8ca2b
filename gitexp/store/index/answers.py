"""Runs and columns as the tables of the search index have them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence

from gitexp.comparison.query.expression import Column
from gitexp.model.facts import NO_FACTS
from gitexp.store.index.cells import ColumnIds, text_of
from gitexp.store.index.facts_text import facts_from
from gitexp.store.stored_run import StoredRun

_RUN = (
    "SELECT r.position, r.oid, r.id, r.recorded_name, r.project, c.content, f.facts, r.readable"
    " FROM runs r JOIN contents c USING (position) LEFT JOIN facts f ON f.id = r.id"
)
_AT_ONCE = 500
"""How many runs are fetched by one statement."""


def runs_at(connection: sqlite3.Connection, places: Sequence[int]) -> list[StoredRun]:
    """Return the runs at some positions, in that order."""
    return list(_runs_at(connection, places))


def _runs_at(connection: sqlite3.Connection, places: Sequence[int]) -> Iterator[StoredRun]:
    for at in range(0, len(places), _AT_ONCE):
        part = places[at : at + _AT_ONCE]
        found = runs_there(connection, part)
        yield from (found[position] for position in part)


def ids_among(connection: sqlite3.Connection, ids: Collection[str]) -> frozenset[str]:
    """Return those of the ids that runs have."""
    wanted, found = list(ids), set[str]()
    for at in range(0, len(wanted), _AT_ONCE):
        part = wanted[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        asked = connection.execute(f"SELECT id FROM runs WHERE id IN ({marks})", part)
        found.update(row[0] for row in asked)
    return frozenset(found)


def runs_there(connection: sqlite3.Connection, places: Sequence[int]) -> dict[int, StoredRun]:
    """Return the runs at those of some positions, a few hundred at most, that have one."""
    marks = ", ".join("?" * len(places))
    rows = connection.execute(f"{_RUN} WHERE r.position IN ({marks})", places).fetchall()
    return {
        at: StoredRun(
            oid,
            run_id,
            name,
            os.fsdecode(folder),
            content,
            NO_FACTS if facts is None else facts_from(facts),
            bool(checked),
        )
        for at, oid, run_id, name, folder, content, facts, checked in rows
    }


def oids_at(connection: sqlite3.Connection, places: Sequence[int]) -> list[tuple[int, str]]:
    """Return positions with the oids of the runs there, in that order."""
    found: list[tuple[int, str]] = []
    for at in range(0, len(places), _AT_ONCE):
        part = places[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        asked = f"SELECT position, oid FROM runs WHERE position IN ({marks})"
        there = dict(connection.execute(asked, part).fetchall())
        found += ((position, there[position]) for position in part)
    return found


def ids_in(connection: sqlite3.Connection, project: str | None) -> ColumnIds:
    """Return what says which columns of a project (None: of all) a metric or param is."""

    def column_ids(column: Column) -> Sequence[int]:
        rows = connection.execute(
            "SELECT id FROM columns WHERE kind = ? AND name = ? AND (? IS NULL OR project = ?)",
            (column.kind, text_of(column.name), *folder_twice(project)),
        )
        return [row[0] for row in rows.fetchall()]

    return column_ids


def folder_twice(project: str | None) -> tuple[bytes | None, bytes | None]:
    """Return a project's folder for `? IS NULL OR project = ?`."""
    folder = None if project is None else os.fsencode(project)
    return folder, folder
