"""What curves had at a step: read from the commits once, then answered by the index."""

from __future__ import annotations

import contextlib
import os
import sqlite3

from gitexp.comparison.query.curves import call_text, parts_of
from gitexp.comparison.query.expression import Column
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.metrics.curves import joined_curves, may_hold_curves, read_curves
from gitexp.model.record_json import from_json
from gitexp.series.numbers import number_in
from gitexp.series.series import Series
from gitexp.series.tables import ENDING, family, read_tables
from gitexp.store.index.answers import folder_twice
from gitexp.store.index.cells import encode, text_of
from gitexp.store.index.file import transaction

_AT_ONCE = 200


def look_at(
    connection: sqlite3.Connection, repository: Repository, project: str | None, column: Column
) -> None:
    """Fill a column of `at(…)` for the runs that are new since it was last asked for.

    A run's curves never change, so that each is read once.
    """
    _, key, text = parts_of(column.name)
    step = number_in(text or "")
    folders = connection.execute(
        "SELECT project, id FROM columns WHERE kind = 'series' AND name = ?"
        " AND (? IS NULL OR project = ?)",
        (text_of(call_text("count", key)), *folder_twice(project)),
    ).fetchall()
    for folder, known in folders:
        made = _column(connection, folder, column)
        row = connection.execute("SELECT run FROM looked WHERE column_id = ?", (made,)).fetchone()
        runs = connection.execute(
            "SELECT position, oid FROM cells JOIN runs ON position = run"
            " WHERE column_id = ? AND run > ? ORDER BY position",
            (known, row[0] if row else 0),
        ).fetchall()
        place = f"{os.fsdecode(folder)}/" if folder else ""
        name = f"{place}.gitexp/series/{family(key)}{ENDING}"
        for at in range(0, len(runs), _AT_ONCE):
            part = runs[at : at + _AT_ONCE]
            found = list(repository.objects.read_many(f"{oid}:{name}" for _, oid in part))
            cells = []
            for (position, oid), blob in zip(part, found, strict=True):
                text = blob.content.decode(errors="replace") if blob is not None else ""
                series = read_tables({name: text}).get(key)
                if series is None:
                    series = _in_files(connection, repository, position, f"{oid}:{place}", key)
                value = series.at(step) if series is not None and step is not None else None
                cell = encode(value) if value is not None else None
                if cell is not None:
                    cells.append((made, position, *cell))
            with transaction(connection):
                connection.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)", cells)
                connection.execute(
                    "INSERT OR REPLACE INTO looked VALUES (?, ?)", (made, part[-1][0])
                )


def _in_files(
    connection: sqlite3.Connection, repository: Repository, position: int, top: str, key: str
) -> Series | None:
    """Return a curve of a run that stands in a file of another tool."""
    row = connection.execute("SELECT content FROM contents WHERE position = ?", (position,))
    files: dict[str, dict[str, Series]] = {}
    with contextlib.suppress(GitexpError):  # a record of a newer gitexp, a file that is none
        for path in filter(may_hold_curves, from_json(row.fetchone()[0], checked=True).outputs):
            content = repository.objects.blob(f"{top}{path}")
            if content is not None:
                files[path] = read_curves(content, path)
    return joined_curves(files).get(key)


def _column(connection: sqlite3.Connection, folder: bytes, column: Column) -> int:
    asked = "SELECT id FROM columns WHERE project = ? AND kind = 'series' AND name = ?"
    key = (folder, text_of(column.name))
    row = connection.execute(asked, key).fetchone()
    if row is None:
        connection.execute(
            "INSERT OR IGNORE INTO columns (project, kind, name, runs, first, varies, scalars)"
            " VALUES (?, 'series', ?, 0, 'null', 1, 1)",
            key,
        )
        row = connection.execute(asked, key).fetchone()
    return int(row[0])
