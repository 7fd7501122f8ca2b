"""Databases of SQLite that somebody else made, opened so that nothing in them is run."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TABLES = (
    "SELECT name FROM sqlite_master AS t WHERE type = 'table' AND sql LIKE 'CREATE TABLE %'"
    " AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) WHERE hidden IN (2, 3))"
)
"""Tables proper: a view, a table that a module makes up, or a column that is computed is a program
of whoever wrote it, and may make a gigabyte of nothing.
"""
_ROUND = 10_000
_MOST_STEPS = 200_000_000
"""Of SQLite's own machine, about 5 s: a million logged values take 17 million."""
_PATIENCE = 1.0
"""Seconds that a writer may keep us waiting."""
_ATTEMPTS = 5
_LOG_HEAD = 32
"""Bytes at the start of a log, which are others as soon as it begins anew."""
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
"""How a journal ends that names another file, which SQLite would delete after the repair."""


@contextlib.contextmanager
def opened_bytes(content: bytes) -> Iterator[sqlite3.Connection]:
    """Open a copy that nothing else writes."""
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        file = Path(folder, "copy.db")
        file.write_bytes(content)
        with _connected(file, "mode=ro&immutable=1") as database:
            yield database


@contextlib.contextmanager
def opened_file(
    file: Path, most_copied: int, most_steps: int | None = None
) -> Iterator[sqlite3.Connection]:
    """Open a database where it lies, and write nothing there.

    One that a killed program left in the middle of a change is repaired in a copy, if it has no
    more bytes than that. Raises sqlite3.OperationalError, OSError.
    """
    has_log, left = _has_log(file), _left(file)
    is_sound = not left or (not has_log and _is_sound(file))
    if is_sound or _size(file, left) > most_copied:
        how = "mode=ro" if is_sound and not has_log else "mode=ro&immutable=1"
        with _connected(file, how, most_steps) as database:
            yield database
        return
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        _copy(file, left, folder)
        with _connected(Path(folder, file.name), "mode=rw", most_steps) as database:
            yield database


def _left(file: Path) -> list[Path]:
    """Return the journal or the log beside a database, if there is something in it."""
    beside = (Path(f"{file}{ending}") for ending in ("-journal", "-wal"))
    with contextlib.suppress(FileNotFoundError):  # a change was at its end at this moment
        return [one for one in beside if one.is_file() and not one.is_symlink() and _counts(one)]
    return []


def _size(file: Path, left: list[Path]) -> int:
    with contextlib.suppress(FileNotFoundError):  # as above
        return sum(one.stat().st_size for one in (file, *left))
    return file.stat().st_size


def _is_sound(file: Path) -> bool:
    """Return whether a database can be read where it lies, though there is a journal beside it.

    The journal is then that of a program at work, which a copy might get in two halves.
    """
    try:
        with _connected(file, "mode=ro") as database:
            database.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise
        return False
    return True


def _copy(file: Path, left: list[Path], folder: str) -> None:
    """Copy a database with what lies beside it, all as it is at one moment."""
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            before = _state(file, left)
            for one in (file, *left):
                shutil.copyfile(one, Path(folder, one.name))
            if _state(file, left) == before:
                return
        time.sleep(_PATIENCE / _ATTEMPTS)
    raise sqlite3.OperationalError("database is locked")


def _state(file: Path, left: list[Path]) -> object:
    """Return what changes as soon as a database does, and not while its log only grows."""
    heads = []
    for one in left:
        with one.open("rb") as opened:
            heads.append(opened.read(_LOG_HEAD))
    found = file.stat()
    return heads, found.st_mtime_ns, found.st_size


def _counts(journal: Path) -> bool:
    """Return whether a journal has something to say, and says it of its own database alone."""
    with journal.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - len(_NAMES_ANOTHER)))
        return size > 0 and opened.read() != _NAMES_ANOTHER


def _has_log(file: Path) -> bool:
    """Return whether SQLite makes a log and an index beside a database, even to read it."""
    with file.open("rb") as opened:
        return opened.read(20)[18:] == bytes([2, 2])


@contextlib.contextmanager
def _connected(file: Path, how: str, most_steps: int | None = None) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, timeout=_PATIENCE)
    with contextlib.closing(database):
        database.text_factory = lambda text: text.decode(errors="replace")
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        rounds = itertools.count(1)
        most = _MOST_STEPS if most_steps is None else most_steps
        database.set_progress_handler(lambda: next(rounds) * _ROUND > most, _ROUND)
        yield database
