"""Hashes of files, each with the signature that the file had: change time and all.

DVC's database keeps inode, size and modification time, which a copy with its times restored
leaves as they were.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from gitexp.data.listing import File

FILE_NAME = "gitexp-hashes.db"
_AT_ONCE = 900
_WAIT = 10.0
"""Seconds until a process that writes at the same time is given up on."""

T = TypeVar("T")

_TABLE = """
CREATE TABLE IF NOT EXISTS hashes (
    name TEXT, path BLOB, signature TEXT, hash TEXT, PRIMARY KEY (name, path)
) WITHOUT ROWID
"""


class HashTable:
    """The table in a folder; what goes wrong with it costs time, never a result.

    Any thread may ask; each has a connection of its own, which it closes with `release`.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / FILE_NAME
        self._own = threading.local()

    def of(self, files: Sequence[File], hash_name: str) -> dict[str, str]:
        """Return the hashes, by path, of the files that are as they were when they were hashed."""
        asked = {os.fsencode(file.path): file for file in files}
        rows = self._ask(lambda connection: _rows(connection, list(asked), hash_name)) or []
        return {
            asked[path].path: digest
            for path, signature, digest in rows
            if asked[path].signature == signature
        }

    def remember(self, files: Sequence[File], digests: Mapping[str, str], hash_name: str) -> None:
        """Keep the hashes of files, as they were when they were listed."""
        rows = [
            (hash_name, os.fsencode(file.path), file.signature, digests[file.path])
            for file in files
        ]

        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", rows)

        if rows:
            self._ask(insert)

    def folder(self, path: str, what: str) -> tuple[str, str] | None:
        """Return what was noted last of a folder: the signature that it had, and a text."""
        asked = (f"folder {what}", os.fsencode(path))
        query = "SELECT signature, hash FROM hashes WHERE name = ? AND path = ?"
        return self._ask(lambda connection: connection.execute(query, asked).fetchone())

    def remember_folder(self, path: str, what: str, signature: str, text: str) -> None:
        """Note something of a folder that holds for as long as it has this signature."""
        row = (f"folder {what}", os.fsencode(path), signature, text)

        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", row)

        self._ask(insert)

    def release(self) -> None:
        """Close this thread's connection; the next question opens it again."""
        connection = self._own.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._file is None:
            return None
        try:
            if not hasattr(self._own, "connection"):
                self._own.connection = _open(self._file)
            return question(self._own.connection)
        except sqlite3.OperationalError:  # busy for too long, a full or read-only disk
            self.release()
        except sqlite3.DatabaseError:  # damaged: the next one is new
            self.release()
            with contextlib.suppress(OSError):
                self._file.unlink()
        return None


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAIT)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_TABLE)
    return connection


def _rows(
    connection: sqlite3.Connection, paths: list[bytes], hash_name: str
) -> list[tuple[bytes, str, str]]:
    found: list[tuple[bytes, str, str]] = []
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        found += connection.execute(
            f"SELECT path, signature, hash FROM hashes WHERE name = ? AND path IN ({marks})",  # noqa: S608 - question marks alone
            (hash_name, *some),
        )
    return found
