"""The database of the search index: opened, brought up to date, and asked."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from gitexp.git.repository import Repository
from gitexp.store.branch import root_oid
from gitexp.store.index.answers import runs_at
from gitexp.store.index.file import (
    Tips,
    connect,
    delete,
    deletions,
    is_damage,
    see,
    seen_tips,
    transaction,
)
from gitexp.store.index.selection import NEWEST
from gitexp.store.index.source import Source
from gitexp.store.reading import QUIETLY, CatchUp
from gitexp.store.stored_run import StoredRun

T = TypeVar("T")
Opened = TypeVar("Opened", bound="OpenIndex")

_ATTEMPTS = 20
"""How often an index that others empty is filled, before it is made in memory."""

_PATIENCE = 60.0
"""Seconds to wait for another process that fills the index: doing it again takes as long."""
_PATIENCE_TO_ADD = 1.0
"""Seconds that a run which was recorded just now waits to be added; else it is found later."""


class OpenIndex:
    """The database: opened or made again, filled, and asked; `RunIndex` knows what to ask.

    Each answer is for one state of the branch, perhaps one to which another process has
    brought the index meanwhile: `tips` says which.
    """

    def __init__(self, connection: sqlite3.Connection, source: Source) -> None:
        self._connection = connection
        self._source = source
        self.tips = source.current()
        if seen_tips(connection) != self.tips:
            try:
                self._fill()
            except sqlite3.OperationalError as error:
                if not self._may_be_behind or is_damage(error):
                    raise  # else another process fills it: what is there will do

    @property
    def _may_be_behind(self) -> bool:
        return self._source.catch_up.most_new is not None

    def _fill(self) -> None:
        from gitexp.store.index.sync import bring_up_to_date  # noqa: PLC0415 - 10 ms, for news

        bring_up_to_date(self._connection, self._source)

    @classmethod
    def open(
        cls: type[Opened],
        path: Path,
        repository: Repository,
        current: Callable[[], Tips],
        catch_up: CatchUp = QUIETLY,
    ) -> Opened:
        """Open the index and bring it up to the tips of the branch and of the notes.

        An index that is damaged, of another version or out of reach is made again, in
        memory if need be: it is never the cause of an error. With `catch_up.most_new`, the
        answers are those of an older state, possibly without any run, if more than that many
        runs would have to be read, and nobody is waited for.
        """
        source = Source(repository, current, catch_up)
        for place in (path, path):
            known = deletions(path)
            try:
                return cls._opened(str(place), source)
            except sqlite3.OperationalError as error:
                if not is_damage(error):  # locked for long, read-only, full
                    break
                delete(path, known)
            except (sqlite3.Error, ValueError, TypeError):
                delete(path, known)
        return cls._opened(":memory:", source)

    @classmethod
    def _opened(cls: type[Opened], place: str, source: Source) -> Opened:
        connection = connect(place, patience=_PATIENCE if source.catch_up.most_new is None else 0)
        try:
            return cls(connection, source)
        except BaseException:
            connection.close()
            raise

    def add(self, run: StoredRun, *, parent: str) -> None:
        """Append a run that was recorded just now, if its parent is what the index has seen."""
        from gitexp.store.index.fill import Filling  # noqa: PLC0415 - 4 ms, for what records runs

        connection = self._connection
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
            connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE_TO_ADD * 1000)}")
            with transaction(connection):
                seen = seen_tips(connection)
                if (seen.runs or root_oid(self._source.repository.object_format)) == parent:
                    filling = Filling(connection)
                    filling.add([run])
                    filling.finish()
                    see(connection, Tips(run.oid, seen.facts))

    def _found(
        self, condition: str, values: tuple[object, ...], order: str = NEWEST
    ) -> list[StoredRun]:
        asked = f"SELECT r.position FROM runs r WHERE {condition} ORDER BY {order}"

        def answer(connection: sqlite3.Connection) -> list[StoredRun]:
            rows = connection.execute(asked, values).fetchall()
            return runs_at(connection, [row[0] for row in rows])

        return self._answer(answer)

    def _ask(self, asked: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        return self._answer(lambda connection: connection.execute(asked, values).fetchall())

    def answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question that is put together elsewhere, for one state of the branch."""
        return self._answer(question)

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question; an index that turns out to be damaged is made again, in memory."""
        try:
            return self._answered(question)
        except (sqlite3.Error, ValueError, TypeError, KeyError):
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = connect(":memory:", patience=_PATIENCE)
            self._fill()
            return self._answered(question)

    def _answered(self, question: Callable[[sqlite3.Connection], T]) -> T:
        for _ in range(_ATTEMPTS):
            with self._reading() as connection:
                tips = seen_tips(connection)
                if tips.runs is not None or self.tips.runs is None or self._may_be_behind:
                    self.tips = tips
                    return question(connection)
            if self._source.current().runs is None:
                self.tips = Tips(None)
            else:  # somebody found it damaged, and is making it again
                self._fill()
        raise sqlite3.DatabaseError("emptied again and again")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Hold one state of the index: what others write from now on is not seen."""
        connection = self._connection
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the database."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
