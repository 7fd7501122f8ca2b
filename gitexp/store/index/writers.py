"""Which run wrote what a run has behind its pointers, as the index knows it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from gitexp.model.record import RunRecord
from gitexp.store.index.cells import text_of

_ASKED = (
    "SELECT r.id, r.name FROM written JOIN runs r ON r.position = run"
    " WHERE written.project = ? AND path = ? AND md5 = ? AND r.id <> ?"
    " AND run < coalesce((SELECT position FROM runs WHERE id = ?), run + 1)"
    " ORDER BY r.command IS NULL, run DESC LIMIT 1"  # what was saved may have lain there
)


class Writer(NamedTuple):
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
