"""What a check of many objects has found so far, so that the next call goes on where it ended."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.model.numbers import counted
from gitexp.store.own import OwnFolder

_TABLES = """
CREATE TABLE IF NOT EXISTS sound (
    scope TEXT, path BLOB, signature TEXT, PRIMARY KEY (scope, path)
) WITHOUT ROWID;
CREATE TEMP TABLE pointers (
    md5 TEXT PRIMARY KEY, path TEXT, run TEXT, size INTEGER, pointers INTEGER
) WITHOUT ROWID;
CREATE TEMP TABLE members (
    md5 TEXT, folder TEXT, PRIMARY KEY (md5, folder)
) WITHOUT ROWID;
"""
_NEED = """
INSERT INTO pointers VALUES (?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET pointers = pointers + 1, size = coalesce(size, excluded.size)
"""
_NEEDED_BY = """
SELECT path, run, sum(pointers) OVER () FROM pointers
WHERE md5 = ?1 OR md5 IN (SELECT folder FROM members WHERE md5 = ?1)
ORDER BY run, path LIMIT 1
"""
_WAIT = 10.0
"""Seconds to wait for another check that is writing."""


class Need(Struct, frozen=True):
    """An object that a pointer names, or that is a file of a folder behind one."""

    md5: str
    path: str
    """What it is the data of, in the words of one run's record."""
    run: str
    """That run's name."""
    size: int | None = None
    """Bytes, as the record says it of a file."""
    pointers: int = 1
    """How many pointers of runs need it."""

    @property
    def words(self) -> str:
        """Who needs it, as a clause.

        >>> Need("", "model.pt", "calm-heron-c1", pointers=3).words
        "'model.pt' of run 'calm-heron-c1' needs it, and 2 more pointers do"
        """
        more = counted(self.pointers - 1, "more pointer does", "more pointers do")
        rest = f", and {more}" if self.pointers > 1 else ""
        return f"'{self.path}' of run '{self.run}' needs it{rest}"


class DeepState:
    """A database in our folder: what is sound stays in it, what runs need is for this call alone.

    Where it cannot be kept, the check begins anew the next time.
    """

    def __init__(self, own: OwnFolder, scope: str) -> None:
        self._file, self._scope = own.deep, scope
        try:
            own.made()
            self._connection = _opened(self._file)
        except sqlite3.OperationalError:  # a git directory that cannot be written
            self._connection = _opened(":memory:")
        except (sqlite3.DatabaseError, OSError):  # damaged: the next one is new
            with contextlib.suppress(OSError):
                self._file.unlink()
            self._connection = _opened(":memory:")

    def forget(self) -> None:
        """Begin anew; so does the call after one that got to its end."""
        self._write("DELETE FROM sound WHERE scope = ?", [(self._scope,)])
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._connection.execute("SELECT 1 FROM sound LIMIT 1").fetchone() is None:
                self._file.unlink()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def count_sound(self) -> int:
        """Return how many objects were found to be sound by a call that was cut off."""
        asked = "SELECT count(*) FROM sound WHERE scope = ?"
        return int(self._connection.execute(asked, (self._scope,)).fetchone()[0])

    def is_sound(self, path: str, signature: str) -> bool:
        """Return whether an object was sound, and is the same file since."""
        asked = "SELECT signature FROM sound WHERE scope = ? AND path = ?"
        found = self._connection.execute(asked, (self._scope, os.fsencode(path))).fetchone()
        return found is not None and found[0] == signature

    def note_sound(self, found: Iterable[tuple[str, str]]) -> None:
        """Note objects that are sound, each with its stat signature; they last from now on."""
        rows = [(self._scope, os.fsencode(path), signature) for path, signature in found]
        self._write("INSERT OR REPLACE INTO sound VALUES (?, ?, ?)", rows)

    def need(self, wanted: Iterable[Need]) -> None:
        """Note what the pointers of a run need."""
        rows = [(one.md5, one.path, one.run, one.size) for one in wanted]
        self._write(_NEED, rows)

    def note_members(self, folder: str, md5s: Iterable[str]) -> None:
        """Note of which files a folder is made."""
        self._write("INSERT OR IGNORE INTO members VALUES (?, ?)", ((one, folder) for one in md5s))

    def folders(self) -> Iterator[str]:
        """Yield the lists of files that pointers need."""
        asked = "SELECT md5 FROM pointers WHERE md5 LIKE '%.dir' ORDER BY md5"
        yield from (row[0] for row in self._read(asked))

    def needed(self) -> Iterator[tuple[str, int | None]]:
        """Yield each object that something needs, with its size as far as a record says it."""
        asked = """
            SELECT md5, max(size) FROM (
                SELECT md5, size FROM pointers UNION ALL SELECT md5, NULL FROM members
            ) GROUP BY md5 ORDER BY md5
        """
        yield from self._read(asked)

    def need_of(self, md5: str) -> Need | None:
        """Return who needs an object; None if no run does."""
        found = self._connection.execute(_NEEDED_BY, (md5,)).fetchone()
        return None if found is None else Need(md5, found[0], found[1], None, found[2])

    def _read(self, asked: str) -> Iterator[tuple[str, int | None]]:
        cursor = self._connection.execute(asked)
        while rows := cursor.fetchmany(1000):
            yield from rows

    def _write(self, said: str, rows: Iterable[tuple[object, ...]]) -> None:
        with contextlib.suppress(sqlite3.OperationalError), self._connection:  # a full disk
            self._connection.executemany(said, rows)


def _opened(place: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=_WAIT)
    connection.execute("PRAGMA synchronous = OFF")  # a power cut costs only time
    connection.executescript(_TABLES)
    return connection
