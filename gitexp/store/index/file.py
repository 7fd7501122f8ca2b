"""The search index as a file of SQLite's: its tables, its version, how it is opened."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

IN_MEMORY = Path(":memory:")
"""As a place: SQLite then uses no file at all."""

_VERSION = 14
_TABLES = """
CREATE TABLE runs (
  position INTEGER PRIMARY KEY, -- in the order of the branch
  oid TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  recorded_name TEXT NOT NULL,
  name TEXT NOT NULL,
  project BLOB NOT NULL,
  removed INTEGER NOT NULL,
  readable INTEGER NOT NULL,
  status TEXT,
  reason TEXT,
  verified TEXT,
  started TEXT,
  ended TEXT,
  duration REAL,
  command TEXT,
  message TEXT,
  hypothesis TEXT, -- its verdict
  baseline TEXT,
  user TEXT,
  host TEXT,
  inputs TEXT, -- as in the trailer
  sweep TEXT, -- its id
  sweep_name TEXT,
  point INTEGER,
  repeat INTEGER
);
CREATE TABLE contents (position INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE columns (
  id INTEGER PRIMARY KEY,
  project BLOB NOT NULL,
  kind TEXT NOT NULL, -- 'metrics', 'params' or 'series': what is asked of curves
  name TEXT NOT NULL,
  runs INTEGER NOT NULL, -- how many have a value, null included
  first TEXT NOT NULL, -- the value of the first one
  varies INTEGER NOT NULL, -- whether another run has another value
  scalars INTEGER NOT NULL, -- whether a run has something other than a list or mapping
  UNIQUE (project, kind, name)
);
CREATE TABLE cells (
  column_id INTEGER NOT NULL,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL, -- as gitexp.store.index.cells says
  value NOT NULL,
  PRIMARY KEY (column_id, run)
) WITHOUT ROWID;
CREATE TABLE looked ( -- up to which run curves were looked at for a column of 'at(…)'
  column_id INTEGER PRIMARY KEY, run INTEGER NOT NULL
);
CREATE TABLE tags (run INTEGER, tag TEXT, PRIMARY KEY (run, tag)) WITHOUT ROWID;
CREATE TABLE outputs ( -- by the last run that wrote each
  project BLOB, path BLOB, run INTEGER NOT NULL, PRIMARY KEY (project, path)
) WITHOUT ROWID;
CREATE TABLE written ( -- data behind pointers
  project BLOB, path BLOB, md5 TEXT, run INTEGER, PRIMARY KEY (project, path, md5, run)
) WITHOUT ROWID;
CREATE TABLE projects (folder BLOB PRIMARY KEY, runs INTEGER, readable INTEGER) WITHOUT ROWID;
CREATE TABLE twice (id TEXT PRIMARY KEY) WITHOUT ROWID; -- runs that are several commits
CREATE TABLE likings ( -- the settings by which runs are alike
  id INTEGER PRIMARY KEY,
  settings TEXT NOT NULL UNIQUE,
  repeats INTEGER NOT NULL DEFAULT 0 -- whether two runs look alike
);
CREATE TABLE groups ( -- of repeats, filled when somebody asks for them
  settings INTEGER, run INTEGER, look TEXT NOT NULL, key TEXT, PRIMARY KEY (settings, run)
) WITHOUT ROWID;
CREATE TABLE facts (id TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (what TEXT PRIMARY KEY, oid TEXT NOT NULL) WITHOUT ROWID
"""
_INDEXES = """
CREATE INDEX runs_by_end ON runs (project, removed, ended, id);
CREATE INDEX runs_by_name ON runs (name);
CREATE INDEX runs_by_baseline ON runs (baseline, ended);
CREATE INDEX runs_unfinished ON runs (project, ended, id) WHERE status <> 'done';
CREATE INDEX runs_by_inputs ON runs (inputs, command) WHERE status = 'done';
CREATE INDEX runs_by_sweep ON runs (sweep, position, removed) WHERE sweep IS NOT NULL;
CREATE INDEX runs_by_sweep_name ON runs (sweep_name) WHERE sweep IS NOT NULL;
CREATE INDEX groups_by_look ON groups (settings, look);
CREATE INDEX runs_by_tag ON tags (tag)
"""


class Tips(Struct, frozen=True):
    """What an index answers for."""

    runs: str | None
    """The end of the branch."""
    facts: str | None = None
    """The end of the notes."""


def connect(place: str, *, patience: float) -> sqlite3.Connection:
    """Open an index, made again if it is of another version; raises sqlite3.Error."""
    connection = sqlite3.connect(place, timeout=patience, isolation_level=None)
    try:
        _prepare(connection, Path(place))
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, place: Path) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # what a power cut takes comes back from git
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    with _held(place, fcntl.LOCK_SH):
        version_of(connection)  # opens the file, and what lies beside it
        _check_end(connection, place)
    if version_of(connection) != _VERSION:
        with transaction(connection):
            if version_of(connection) != _VERSION:  # else another process was faster
                create_tables(connection)
                create_indexes(connection)


def _check_end(connection: sqlite3.Connection, place: Path) -> None:
    """Raise sqlite3.DatabaseError for a file whose end is cut off: SQLite takes it for zeros."""
    with contextlib.suppress(FileNotFoundError):  # none yet, or one in memory
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        if place.stat().st_size % page:
            raise sqlite3.DatabaseError("the file ends within a page")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all or nothing, with no other writer in between."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def version_of(connection: sqlite3.Connection) -> object:
    """Return the version that an index says it has; 0 for an empty file."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def create_tables(connection: sqlite3.Connection) -> None:
    """Drop whatever there is, and make the tables, without the indexes on them."""
    known = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
    for name, kind in connection.execute(known).fetchall():
        if not name.startswith("sqlite_"):
            connection.execute(f'DROP {kind} "{name}"')
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def create_indexes(connection: sqlite3.Connection) -> None:
    """Make the indexes: after a table was filled, in a third of the time."""
    for statement in _INDEXES.split(";"):
        connection.execute(statement)


def is_whole(connection: sqlite3.Connection) -> bool:
    """Return whether the indexes on the tables are there: they are made when all runs are."""
    asked = "SELECT 1 FROM sqlite_master WHERE name = 'runs_by_tag' AND type = 'index'"
    return bool(connection.execute(asked).fetchall())


def seen_tips(connection: sqlite3.Connection) -> Tips:
    """Return what the index has seen."""
    found = dict(connection.execute("SELECT what, oid FROM seen").fetchall())
    return Tips(found.get("runs"), found.get("facts"))


def see(connection: sqlite3.Connection, tips: Tips) -> None:
    """Write down what the index has seen."""
    connection.execute("DELETE FROM seen")
    known = [(what, oid) for what, oid in asdict(tips).items() if oid is not None]
    connection.executemany("INSERT INTO seen VALUES (?, ?)", known)


def share(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work at once from now on, if the file system can do that.

    Not before the first filling: that is written twice otherwise.
    """
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA journal_mode = WAL")


def is_damage(error: sqlite3.OperationalError) -> bool:
    """Return whether an error is about the tables, not about the place or other processes."""
    return any(
        word in str(error) for word in ("no such", "has no column", "syntax", "already exists")
    )


def deletions(path: Path) -> int:
    """Return how often an index was deleted: it tells whether another one is in its place by now.

    An inode would not, as its number is used again at once.
    """
    with contextlib.suppress(OSError):
        return _lock_of(path).stat().st_size
    return 0


def delete(path: Path, known: int) -> None:
    """Delete a damaged index with what SQLite keeps beside it, if it was not deleted meanwhile.

    `known` is how often it was deleted before it was opened. Another process may have put a new
    one in its place, which must keep its write-ahead log; and nobody may open one halfway,
    because SQLite finds that log by its name.
    """
    with _held(path, fcntl.LOCK_EX) as lock:
        if deletions(path) != known:
            return
        for ending in ("-wal", "-shm", "-journal", ""):
            with contextlib.suppress(OSError):
                path.with_name(path.name + ending).unlink()
        if lock is not None:
            os.write(lock, b".")


@contextlib.contextmanager
def _held(path: Path, how: int) -> Iterator[int | None]:
    """Hold the lock on which file an index is, and give its number; None if there can be none.

    It is held for no longer than it takes to open or to delete a file.
    """
    lock: int | None = None
    with contextlib.ExitStack() as stack:
        if path != IN_MEMORY:
            with contextlib.suppress(OSError):
                lock = os.open(_lock_of(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
                stack.callback(os.close, lock)
                fcntl.flock(lock, how)
        yield lock


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
