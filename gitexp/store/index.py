"""A search index of the runs, derived from git objects alone; deleted at will, it comes back."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from gitexp.git.repository import Repository
from gitexp.model.facts import NO_FACTS, Facts
from gitexp.model.record_json import UnreadableRecord
from gitexp.store.branch import root_oid
from gitexp.store.facts import facts_between
from gitexp.store.join import NOTES
from gitexp.store.reading import StoredRun, runs_between

_VERSION = 2
_SCHEMA = """
CREATE TABLE runs (
  position INTEGER PRIMARY KEY,
  oid TEXT NOT NULL UNIQUE,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  project BLOB NOT NULL,
  baseline TEXT,
  ended TEXT,
  content BLOB NOT NULL
);
CREATE INDEX runs_by_name ON runs (name);
CREATE INDEX runs_by_end ON runs (project, ended);
CREATE INDEX runs_by_baseline ON runs (baseline, ended);
CREATE TABLE outputs (project BLOB, path BLOB, PRIMARY KEY (project, path)) WITHOUT ROWID;
CREATE TABLE seen (tip TEXT NOT NULL);
"""
_COLUMNS = "oid, id, name, project, content"


class RunIndex:
    """What `ls`, selectors and `run` ask of all runs, answered without reading them."""

    def __init__(
        self, connection: sqlite3.Connection, repository: Repository, tip: str | None
    ) -> None:
        self._connection = connection
        self._repository = repository
        self._tip = tip
        self._sync()

    @classmethod
    def open(cls, path: Path, repository: Repository, tip: str | None) -> RunIndex:
        """Open the index and bring it up to the branch's tip.

        An index that is damaged, of another version or out of reach is made anew, in
        memory if need be: it never is the reason of an error.
        """
        for place in (path, path):
            try:
                index = cls(_connect(str(place)), repository, tip)
            except sqlite3.OperationalError:  # locked for long, read-only, full: not damaged
                break
            except sqlite3.DatabaseError:
                _delete(path)
            else:
                return index
        return cls(_connect(":memory:"), repository, tip)

    def _sync(self) -> None:
        repository, tip = self._repository, self._tip
        seen = self._seen()
        if seen == tip:
            return
        known = seen is not None and tip is not None and _is_ancestor(repository, seen, tip)
        runs = list(runs_between(repository, seen if known else None, tip)) if tip else []
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            if self._seen() != seen:  # another process was faster: what is new is another thing now
                known, runs = False, list(runs_between(repository, None, tip)) if tip else []
            if not known:
                connection.execute("DELETE FROM runs")
                connection.execute("DELETE FROM outputs")
            self._insert(runs)
            self._see(tip)

    def _seen(self) -> str | None:
        row = self._connection.execute("SELECT tip FROM seen").fetchone()
        return row[0] if row else None

    def add(self, run: StoredRun, *, parent: str) -> None:
        """Append a run that was recorded just now, if its parent is what the index has seen."""
        with contextlib.suppress(sqlite3.Error), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            if (self._seen() or root_oid(self._repository.object_format)) == parent:
                self._insert([run])
                self._see(run.oid)

    def _insert(self, runs: Iterable[StoredRun]) -> None:
        for run in runs:
            row: tuple[str, str] | tuple[None, None]
            try:
                record = run.record
                row = (record.baseline, record.ended)
                outputs = record.outputs + tuple(
                    f"{one.path}.dvc" for one in record.pointers if one.role == "output"
                )
            except UnreadableRecord:
                row, outputs = (None, None), ()
            self._connection.execute(
                "INSERT OR IGNORE INTO runs (oid, id, name, project, content, baseline, ended)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run.oid,
                    run.id,
                    _text(run.recorded_name),
                    os.fsencode(run.project),
                    run.content,
                    *row,
                ),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO outputs VALUES (?, ?)",
                [(os.fsencode(run.project), os.fsencode(path)) for path in outputs],
            )

    def _see(self, tip: str | None) -> None:
        self._connection.execute("DELETE FROM seen")
        if tip is not None:
            self._connection.execute("INSERT INTO seen VALUES (?)", (tip,))

    @cached_property
    def _facts(self) -> dict[str, Facts]:
        tip = self._repository.objects.commit(NOTES)
        return dict(facts_between(self._repository, None, tip))

    def runs(
        self, project: str | None, *, limit: int = -1, skip: int = 0, removed: bool = False
    ) -> list[StoredRun]:
        """Return runs of a project (None: of all) that are not hidden, or those that are.

        The one that ended last comes first.
        """
        found = self._select(
            "? IS NULL OR project = ? ORDER BY ended DESC, position DESC", _folder(project)
        )
        shown = [run for run in found if run.facts.removed == removed]
        return shown[skip : None if limit < 0 else skip + limit]

    def named(self, text: str, project: str | None) -> list[StoredRun]:
        """Return the runs whose name or id is `text`."""
        found = self._select(
            "(name = ? OR id = ?) AND (? IS NULL OR project = ?) ORDER BY position DESC",
            (_text(text), _text(text), *_folder(project)),
        )
        return self._with_renamed(found, project, lambda name: name == text)

    def beginning(self, text: str, project: str | None) -> list[StoredRun]:
        """Return the runs whose name or id begins with `text`."""
        start, end = _text(text), _text(text) + "\U0010ffff"
        found = self._select(
            "(name BETWEEN ? AND ? OR id BETWEEN ? AND ?) AND (? IS NULL OR project = ?)"
            " ORDER BY position DESC",
            (start, end, start, end, *_folder(project)),
        )
        return self._with_renamed(found, project, lambda name: name.startswith(text))

    def _with_renamed(
        self, found: list[StoredRun], project: str | None, meant: Callable[[str], bool]
    ) -> list[StoredRun]:
        """Return the runs that go by a name now, not those that went by it once."""
        renamed = [run for run, facts in self._facts.items() if facts.name and meant(facts.name)]
        marks = ", ".join("?" * len(renamed))
        condition = f"id IN ({marks}) AND (? IS NULL OR project = ?)"
        others = self._select(condition, (*renamed, *_folder(project))) if renamed else []
        runs = {run.id: run for run in (*found, *others)}
        return [run for run in runs.values() if meant(_text(run.name)) or meant(run.id)]

    def last_on(self, baseline: str, project: str, *, limit: int) -> list[StoredRun]:
        """Return the runs on a baseline, the one that ended last first."""
        return self._select(
            "baseline = ? AND project = ? ORDER BY ended DESC, position DESC LIMIT ?",
            (baseline, os.fsencode(project), limit),
        )

    def names(self, project: str | None) -> list[str]:
        """Return the names of all runs."""
        asked = "SELECT id, name FROM runs WHERE ? IS NULL OR project = ?"
        return [
            self._facts.get(run, NO_FACTS).name or name
            for run, name in self._ask(asked, _folder(project))
        ]

    def outputs(self, project: str, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that an earlier run wrote."""
        folder = os.fsencode(project)
        asked = "SELECT 1 FROM outputs WHERE project = ? AND path = ?"
        return {path for path in paths if self._ask(asked, (folder, os.fsencode(path)))}

    def _select(self, condition: str, values: tuple[object, ...]) -> list[StoredRun]:
        asked = f"SELECT {_COLUMNS} FROM runs WHERE {condition}"  # noqa: S608 - our own words
        return [
            StoredRun(
                oid,
                run_id,
                name,
                os.fsdecode(project),
                content,
                self._facts.get(run_id, NO_FACTS),
            )
            for oid, run_id, name, project, content in self._ask(asked, values)
        ]

    def _ask(self, asked: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Answer a query; an index that turns out to be damaged is made anew, in memory."""
        try:
            return self._connection.execute(asked, values).fetchall()
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = _connect(":memory:")
            self._sync()
            return self._connection.execute(asked, values).fetchall()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def _text(name: str) -> str:
    """Return a name as SQLite can hold it: bytes that are no UTF-8 are marked."""
    return os.fsencode(name).decode(errors="replace")


def _folder(project: str | None) -> tuple[bytes | None, bytes | None]:
    folder = None if project is None else os.fsencode(project)
    return folder, folder


def _connect(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=5, isolation_level=None)
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")  # what a power cut takes comes back from git
    if _version(connection) != _VERSION:
        _create(connection)
    return connection


def _version(connection: sqlite3.Connection) -> object:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _create(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) == _VERSION:  # another process was faster
            return
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            connection.execute(f'DROP TABLE "{table}"')
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _delete(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).unlink()


def _is_ancestor(repository: Repository, old: str, new: str) -> bool:
    return repository.attempt("merge-base", "--is-ancestor", old, new).returncode == 0
