"""Filling the tables of the search index with runs and their late facts."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from gitexp.model.evaluation import PREFIX
from gitexp.model.facts import NO_FACTS, Facts
from gitexp.store.index.cells import text_of
from gitexp.store.index.columns import Columns
from gitexp.store.index.facts_text import facts_from, facts_text
from gitexp.store.index.made import Made, add_cells, add_runs, made_of
from gitexp.store.index.rows import RunRows, rows_of
from gitexp.store.reading import CatchUp, Report
from gitexp.store.stored_run import StoredRun

_MANY = 100
"""From how many runs on it pays to have a reader for many."""
_BATCH = 1000
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


class Filling:
    """Runs on their way into the tables, within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns = Columns(connection)
        self._projects: dict[bytes, list[int]] = {}
        row = connection.execute("SELECT max(position) FROM runs").fetchone()
        self._next = (row[0] or 0) + 1
        self._has_facts = bool(connection.execute("SELECT 1 FROM facts LIMIT 1").fetchall())

    def add_all(self, runs: Iterable[StoredRun], total: int, report: Report) -> None:
        """Append runs, reporting how far they have come."""
        told = CatchUp(report).reported(runs, total)
        if total > _MANY:
            self.add_many(told)
        else:
            self.add(told)

    def add_many(self, runs: Iterable[StoredRun]) -> None:
        """Append runs, few of which are in memory at any time."""
        from gitexp.store.index.plain_rows import many_rows  # noqa: PLC0415 - 3 ms, for many

        left, rows = iter(runs), many_rows()
        with _no_search_for_cycles():
            while batch := list(itertools.islice(left, _BATCH)):
                self.add(batch, rows)

    def add_made(self, parts: Iterable[Made]) -> None:
        """Append runs that are made already, but for what late facts say."""
        from gitexp.store.index.plain_rows import many_rows  # noqa: PLC0415 - 3 ms, for many

        with _no_search_for_cycles():
            for part in parts:
                if self._are_plain([run.id for run in part.runs]):
                    self._put(part)
                else:
                    self.add(part.runs, many_rows())

    def add(
        self, runs: Iterable[StoredRun], rows: Callable[[StoredRun], RunRows] = rows_of
    ) -> None:
        """Append runs; of two with one id, the first counts."""
        fresh = [rows(run) for run in self._with_facts(self._unknown(runs))]
        if fresh:
            late = [(at, one) for at, one in enumerate(fresh) if one.late]
            self._put(made_of(fresh), late)

    def _put(self, made: Made, late: Sequence[tuple[int, RunRows]] = ()) -> None:
        """Append runs that are known to be fresh."""
        connection, first = self._connection, self._next
        self._next += len(made.runs)
        add_runs(connection, made.alike, first)
        contents = enumerate([run.content for run in made.runs], first)
        self._many("INSERT INTO contents VALUES (?, ?)", contents)
        add_cells(connection, self._columns.blocks(made.groups, late, first))
        self._many(f"INSERT OR IGNORE INTO tags VALUES (? + {first}, ?)", made.tags)
        self._many(f"INSERT OR REPLACE INTO outputs VALUES (?, ?, ? + {first})", made.outputs)
        self._many(f"INSERT OR IGNORE INTO written VALUES (?, ?, ?, ? + {first})", made.written)
        for folder, runs, readable in made.counts:
            counts = self._projects.setdefault(folder, [0, 0])
            counts[0] += runs
            counts[1] += readable

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(statement, rows)

    def _are_plain(self, ids: list[str]) -> bool:
        """Return whether no id is there twice, or has late facts."""
        asked = "SELECT id, 1 FROM facts WHERE id IN"
        has_facts = self._has_facts and self._looked_up(asked, ids)
        return len(set(ids)) == len(ids) and not has_facts and not self.knows_any(ids)

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
        own = set(map(text_of, rows.metrics[0]))
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
                column = self._columns.there((rows.folder, "metrics", name))
                assert column is not None  # it has just been found
                column.runs -= 1
        for value in rows.late:
            column = self._columns.counted(rows.folder, value)
            if value.cell is not None:
                cell = (column.id, position, *value.cell)
                self._connection.execute("INSERT INTO cells VALUES (?, ?, ?, ?)", cell)

    def finish(self) -> None:
        """Write down what was counted."""
        self._columns.finish()
        self._many(
            "INSERT INTO projects VALUES (?, ?, ?) ON CONFLICT (folder) DO UPDATE"
            " SET runs = runs + excluded.runs, readable = readable + excluded.readable",
            ((folder, *counts) for folder, counts in self._projects.items()),
        )


def _verified(facts: Facts) -> str | None:
    return facts.verified.answer.result if facts.verified is not None else None
