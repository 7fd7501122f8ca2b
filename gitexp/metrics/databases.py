"""Databases of SQLite that somebody else made, opened so that nothing in them is run."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
import tempfile
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
    more bytes than that.
    """
    beside = [Path(f"{file}{ending}") for ending in ("-journal", "-wal")]
    left = [one for one in beside if one.is_file() and not one.is_symlink() and _counts(one)]
    if not left or sum(one.stat().st_size for one in (file, *left)) > most_copied:
        is_fixed = left or _has_log(file)
        how = "mode=ro&immutable=1" if is_fixed else "mode=ro"
        with _connected(file, how, most_steps) as database:
            yield database
        return
    with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
        for one in (file, *left):
            shutil.copyfile(one, Path(folder, one.name))
        with _connected(Path(folder, file.name), "mode=rw", most_steps) as database:
            yield database


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
