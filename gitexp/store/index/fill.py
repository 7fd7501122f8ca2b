"""Filling the tables of the search index with runs and their late facts."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.model.evaluation import PREFIX
from gitexp.model.facts import NO_FACTS, Facts
from gitexp.model.many_records import many_reader
from gitexp.model.record import RunRecord
from gitexp.model.values import Value, dumps, loads
from gitexp.store.index.cells import NUMBER, encode, text_of
from gitexp.store.index.facts_text import facts_from, facts_text
from gitexp.store.index.rows import Named, RunRows, rows_of
from gitexp.store.reading import CatchUp, Report, StoredRun

_MANY = 100
"""From how many runs on it pays to have a reader for many."""
_BATCH = 400
"""How many runs are in memory at once."""


@contextlib.contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Spare Python the search for cycles: records have none, and it takes a seventh of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Column(Struct):
    id: int
    runs: int
    first: object
    varies: bool
    scalars: bool


class _Names(Struct, frozen=True):
    """The columns of one kind of a project, by the names in records."""

    folder: bytes
    kind: str
    columns: dict[str, _Column]


class Filling:
    """Runs on their way into the tables, within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[tuple[bytes, str, str], _Column] = {}
        self._names: dict[tuple[bytes, str], _Names] = {}
        self._projects: dict[bytes, list[int]] = {}
        row = connection.execute("SELECT max(position) FROM runs").fetchone()
        self._next = (row[0] or 0) + 1
        self._has_facts = bool(connection.execute("SELECT 1 FROM facts LIMIT 1").fetchall())
        self._read: Callable[[bytes], RunRecord] | None = None

    def add_all(self, runs: Iterable[StoredRun], total: int, report: Report) -> None:
        """Append runs, reporting how far they have come."""
        told = CatchUp(report).reported(runs, total)
        if total > _MANY:
            self.add_many(told)
        else:
            self.add(told)

    def add_many(self, runs: Iterable[StoredRun]) -> None:
        """Append runs, few of which are in memory at any time."""
        self._read = many_reader()
        left = iter(runs)
        with _no_search_for_cycles():
            while batch := list(itertools.islice(left, _BATCH)):
                self.add(batch)

    def add(self, runs: Iterable[StoredRun]) -> None:
        """Append runs; of two with one id, the first counts."""
        fresh = [rows_of(run, self._read) for run in self._with_facts(self._unknown(runs))]
        if not fresh:
            return
        placed = list(enumerate(fresh, self._next))
        self._next += len(fresh)
        marks = ", ".join("?" * len(fresh[0].row(0)))
        rows = (one.row(at) for at, one in placed)
        self._many(f"INSERT INTO runs VALUES ({marks})", rows)
        self._many(
            "INSERT INTO contents VALUES (?, ?)", ((at, one.run.content) for at, one in placed)
        )
        self._add_cells(placed)
        self._many(
            "INSERT OR IGNORE INTO tags VALUES (?, ?)",
            ((at, tag) for at, one in placed for tag in one.tags),
        )
        outputs = {(one.folder, path): at for at, one in placed for path in one.outputs}
        self._many(
            "INSERT OR REPLACE INTO outputs VALUES (?, ?, ?)",
            ((*what, at) for what, at in outputs.items()),
        )
        written = ((one.folder, *what, at) for at, one in placed for what in one.written)
        self._many("INSERT OR IGNORE INTO written VALUES (?, ?, ?, ?)", written)
        for one in fresh:
            counts = self._projects.setdefault(one.folder, [0, 0])
            counts[0] += 1
            counts[1] += one.readable

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(statement, rows)

    def _unknown(self, runs: Iterable[StoredRun]) -> list[StoredRun]:
        by_id: dict[str, StoredRun] = {}
        twice: set[str] = set()
        for run in runs:
            if by_id.setdefault(text_of(run.id), run) is not run:
                twice.add(text_of(run.id))
        known = self._looked_up("SELECT id, 1 FROM runs WHERE id IN", list(by_id))
        twice |= known.keys()
        self._many("INSERT OR IGNORE INTO twice VALUES (?)", ((run_id,) for run_id in twice))
        return [run for run_id, run in by_id.items() if run_id not in known]

    def _with_facts(self, runs: list[StoredRun]) -> list[StoredRun]:
        if not self._has_facts:
            return runs
        found = self._looked_up("SELECT id, facts FROM facts WHERE id IN", [run.id for run in runs])
        return [
            replace(run, facts=facts_from(str(found[run.id]))) if run.id in found else run
            for run in runs
        ]

    def knows_any(self, ids: Iterable[str]) -> bool:
        """Return whether one of the ids is that of a run which is there already."""
        return bool(self._looked_up("SELECT id, 1 FROM runs WHERE id IN", list(ids)))

    def has_several_of_one(self) -> bool:
        """Return whether a run that is there is more than one commit."""
        return bool(self._connection.execute("SELECT 1 FROM twice LIMIT 1").fetchall())

    def _looked_up(self, asked: str, ids: list[str]) -> dict[str, object]:
        found: dict[str, object] = {}
        for at in range(0, len(ids), 500):  # as many variables as any SQLite takes
            part = [text_of(one) for one in ids[at : at + 500]]
            marks = ", ".join("?" * len(part))
            found |= dict(self._connection.execute(f"{asked} ({marks})", part).fetchall())
        return found

    def _add_cells(self, placed: list[tuple[int, RunRows]]) -> None:
        cells: list[tuple[object, ...]] = []
        for at, one in placed:
            self._put(cells, at, self._named(one.folder, "metrics"), one.metrics)
            self._put(cells, at, self._named(one.folder, "params"), one.params)
            if one.series:
                self._put(cells, at, self._named(one.folder, "series"), one.series)
            for late in one.late:
                column = self._column(one.folder, late)
                if late.cell is not None:
                    cells.append((column.id, at, *late.cell))
        cells.sort()  # as the table has them: half the time
        self._many("INSERT INTO cells VALUES (?, ?, ?, ?)", cells)

    def _put(
        self,
        cells: list[tuple[object, ...]],
        at: int,
        known: _Names,
        values: Mapping[str, Value],
    ) -> None:
        """Add the cells of a run: two million times for a hundred thousand of them."""
        columns = known.columns
        for name, value in values.items():
            kind = value.__class__
            is_number = kind is float and value == value  # noqa: PLR0124 - NaN does not
            cell = (NUMBER, value) if is_number else encode(value)
            column = columns.get(name)
            if column is None:
                column = columns[name] = self._found(known, text_of(name), cell)
            column.runs += 1
            if not column.varies and column.first != cell:
                column.varies = True
            if not column.scalars and kind is not dict and kind is not list:
                column.scalars = True
            if cell is not None:
                cells.append((column.id, at, cell[0], cell[1]))

    def _named(self, folder: bytes, kind: str) -> _Names:
        found = self._names.get((folder, kind))
        if found is None:
            found = self._names[folder, kind] = _Names(folder, kind, {})
        return found

    def _column(self, folder: bytes, value: Named) -> _Column:
        """Return the column of a value, which now counts in it."""
        column = self._found(self._named(folder, value.kind), value.name, value.cell)
        column.runs += 1
        if column.first != value.cell:
            column.varies = True
        if value.scalar:
            column.scalars = True
        return column

    def _found(self, names: _Names, name: str, cell: tuple[object, ...] | None) -> _Column:
        key = (names.folder, names.kind, name)
        column = self._there(key)
        if column is None:
            column = self._columns[key] = self._new_column(key, cell)
        return column

    def _there(self, key: tuple[bytes, str, str]) -> _Column | None:
        column = self._columns.get(key)
        if column is None and (column := self._known_column(key)) is not None:
            self._columns[key] = column
        return column

    def _known_column(self, key: tuple[bytes, str, str]) -> _Column | None:
        asked = (
            "SELECT id, runs, first, varies, scalars FROM columns"
            " WHERE project = ? AND kind = ? AND name = ?"
        )
        row = self._connection.execute(asked, key).fetchone()
        if row is None:
            return None
        first = loads(row[2])
        return _Column(row[0], row[1], tuple(first) if isinstance(first, list) else None, *row[3:])

    def _new_column(self, key: tuple[bytes, str, str], cell: tuple[object, ...] | None) -> _Column:
        first = dumps(list(cell)) if cell is not None else "null"
        made = self._connection.execute(
            "INSERT INTO columns (project, kind, name, runs, first, varies, scalars)"
            " VALUES (?, ?, ?, 0, ?, 0, 0)",
            (*key, first),
        )
        assert made.lastrowid is not None  # it is the row's own number
        return _Column(made.lastrowid, 0, cell, varies=False, scalars=False)

    def facts_of(self, run_id: str) -> Facts:
        """Return the facts of a run as the index has them."""
        found = self._looked_up("SELECT id, facts FROM facts WHERE id IN", [run_id])
        return facts_from(str(found[run_id])) if run_id in found else NO_FACTS

    def set_facts(self, changed: Iterable[tuple[str, Facts]]) -> None:
        """Take over the facts of runs, whether or not these are in the index."""
        for run_id, facts in changed:
            self._connection.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", (text_of(run_id), facts_text(facts))
            )
            self._has_facts = True
            self._apply(run_id, facts)

    def _apply(self, run_id: str, facts: Facts) -> None:
        asked = (
            "SELECT position, oid, id, recorded_name, CAST(project AS BLOB), content"
            " FROM runs JOIN contents USING (position) WHERE id = ?"
        )
        for position, oid, found, name, project, content in self._connection.execute(
            asked, (text_of(run_id),)
        ).fetchall():
            run = StoredRun(
                oid, found, name, project.decode(errors="surrogateescape"), content, facts
            )
            rows = rows_of(run)
            self._connection.execute(
                "UPDATE runs SET name = ?, removed = ?, verified = ? WHERE position = ?",
                (text_of(run.name), facts.removed, _verified(facts), position),
            )
            self._replace_late(position, rows)
            self._connection.execute("DELETE FROM tags WHERE run = ?", (position,))
            self._many(
                "INSERT OR IGNORE INTO tags VALUES (?, ?)", ((position, tag) for tag in rows.tags)
            )

    def _replace_late(self, position: int, rows: RunRows) -> None:
        """Put the late values of a run in the place of those that it had, if any."""
        own = set(map(text_of, rows.metrics))
        known = self._connection.execute(
            "SELECT name, column_id FROM columns JOIN cells ON column_id = columns.id AND run = ?"
            " WHERE project = ? AND columns.kind = 'metrics' AND substr(name, 1, ?) = ?",
            (position, rows.folder, len(PREFIX), PREFIX),
        ).fetchall()
        for name, column_id in known:
            if name not in own:
                self._connection.execute(
                    "DELETE FROM cells WHERE column_id = ? AND run = ?", (column_id, position)
                )
                column = self._there((rows.folder, "metrics", name))
                assert column is not None  # it has just been found
                column.runs -= 1
        for value in rows.late:
            column = self._column(rows.folder, value)
            if value.cell is not None:
                cell = (column.id, position, *value.cell)
                self._connection.execute("INSERT INTO cells VALUES (?, ?, ?, ?)", cell)

    def finish(self) -> None:
        """Write down what was counted."""
        self._many(
            "UPDATE columns SET runs = ?, varies = ?, scalars = ? WHERE id = ?",
            ((one.runs, one.varies, one.scalars, one.id) for one in self._columns.values()),
        )
        self._many(
            "INSERT INTO projects VALUES (?, ?, ?) ON CONFLICT (folder) DO UPDATE"
            " SET runs = runs + excluded.runs, readable = readable + excluded.readable",
            ((folder, *counts) for folder, counts in self._projects.items()),
        )


def _verified(facts: Facts) -> str | None:
    return facts.verified.answer.result if facts.verified is not None else None
