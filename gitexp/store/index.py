"""A search index of the runs, derived from git objects alone; deleted at will, it comes back."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gitexp.comparison.query.expression import Column
from gitexp.git.repository import Repository
from gitexp.model.record import RunRecord
from gitexp.store.branch import root_oid
from gitexp.store.cells import text_of
from gitexp.store.index_answers import folder_twice, ids_in, runs_at
from gitexp.store.index_file import (
    Tips,
    connect,
    delete,
    deletions,
    is_damage,
    see,
    seen_tips,
    transaction,
)
from gitexp.store.reading import Report, StoredRun
from gitexp.store.selection import NEWEST, Selection, count, positions
from gitexp.store.writers import Writer, writers_of

if TYPE_CHECKING:
    from gitexp.store.measured import Measured

T = TypeVar("T")

_ATTEMPTS = 20
"""How often an index that others empty is filled, before it is made in memory."""

_PATIENCE = 60.0
"""Seconds to wait for another process that fills the index: to do it oneself takes as long."""
_PATIENCE_TO_ADD = 1.0
"""Seconds that a run which was recorded just now waits to be added; else it is found later."""
_COMPARED = 3000
"""With how many names a mistyped one is compared: that takes a tenth of a second."""


Current = Callable[[], Tips]
"""Tells where the ends of the branch and of the notes are now."""


class RunIndex:
    """What commands ask of all runs, answered without reading them.

    Each answer is that for one state of the branch, be it one that another process has
    brought the index to meanwhile: `tips` says for which.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        repository: Repository,
        current: Current,
        report: Report | None = None,
        most: int | None = None,
    ) -> None:
        self._connection = connection
        self._repository = repository
        self._current = current
        self._most = most
        self.tips = current()
        if seen_tips(connection) != self.tips:
            try:
                self._fill(report)
            except sqlite3.OperationalError as error:
                if most is None or is_damage(error):
                    raise  # else another process fills it: what is there will do

    def _fill(self, report: Report | None = None) -> None:
        from gitexp.store.index_sync import bring_up_to_date  # noqa: PLC0415 - 10 ms, for news

        bring_up_to_date(self._connection, self._repository, self._current, report, self._most)

    @classmethod
    def open(
        cls,
        path: Path,
        repository: Repository,
        current: Current,
        report: Report | None = None,
        most: int | None = None,
    ) -> RunIndex:
        """Open the index and bring it up to the tips of the branch and of the notes.

        An index that is damaged, of another version or out of reach is made anew, in
        memory if need be: it never is the reason of an error. With `most`, the answers are
        those of an older state where more than that many runs would have to be read, be it
        that of no run at all, and nobody is waited for.
        """
        for place in (path, path):
            known = deletions(path)
            try:
                return cls._opened(str(place), repository, current, report, most)
            except sqlite3.OperationalError as error:
                if not is_damage(error):  # locked for long, read-only, full
                    break
                delete(path, known)
            except (sqlite3.Error, ValueError, TypeError):
                delete(path, known)
        return cls._opened(":memory:", repository, current, report, most)

    @classmethod
    def _opened(
        cls,
        place: str,
        repository: Repository,
        current: Current,
        report: Report | None,
        most: int | None,
    ) -> RunIndex:
        connection = connect(place, patience=_PATIENCE if most is None else 0)
        try:
            return cls(connection, repository, current, report, most)
        except BaseException:
            connection.close()
            raise

    def add(self, run: StoredRun, *, parent: str) -> None:
        """Append a run that was recorded just now, if its parent is what the index has seen."""
        from gitexp.store.index_fill import Filling  # noqa: PLC0415 - recording runs alone

        connection = self._connection
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
            connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE_TO_ADD * 1000)}")
            with transaction(connection):
                seen = seen_tips(connection)
                if (seen.runs or root_oid(self._repository.object_format)) == parent:
                    filling = Filling(connection)
                    filling.add([run])
                    filling.finish()
                    see(connection, Tips(run.oid, seen.facts))

    def select(self, wanted: Selection) -> list[StoredRun]:
        """Return the runs that are wanted, in their order."""
        return self._answer(
            lambda connection: runs_at(
                connection, positions(connection, wanted, ids_in(connection, wanted.project))
            )
        )

    def runs(
        self, project: str | None, *, limit: int | None = None, skip: int = 0, removed: bool = False
    ) -> list[StoredRun]:
        """Return runs of a project (None: of all), the one that ended last first."""
        return self.select(Selection(project, limit=limit, skip=skip, removed=removed))

    def count(self, wanted: Selection) -> int:
        """Return how many runs are wanted, whatever the limit."""
        return self._answer(
            lambda connection: count(connection, wanted, ids_in(connection, wanted.project))
        )

    def measured(self, wanted: Selection, column: Column) -> Measured:
        """Return the runs with a number in a column, by when they started, and who has none."""
        from gitexp.store.measured import measured  # noqa: PLC0415 - for `gitexp trend` alone

        return self._answer(
            lambda connection: measured(
                connection, wanted, column, ids_in(connection, wanted.project)
            )
        )

    def columns(self, project: str | None) -> list[Column]:
        """Return the metrics and params that runs of a project (None: of any) have."""
        rows = self._ask(
            "SELECT DISTINCT kind, name FROM columns WHERE ? IS NULL OR project = ? ORDER BY id",
            folder_twice(project),
        )
        return [Column(kind, name) for kind, name in rows]

    def varying(self, project: str | None) -> frozenset[Column]:
        """Return the columns that do not have one and the same value in all runs of a project."""
        rows = self._ask(
            "SELECT kind, name FROM columns WHERE ? IS NULL OR project = ?"
            " GROUP BY kind, name HAVING max(varies) OR count(DISTINCT first) > 1 OR sum(runs) <"
            " (SELECT sum(readable) FROM projects WHERE ? IS NULL OR folder = ?)",
            folder_twice(project) * 2,
        )
        return frozenset(Column(kind, name) for kind, name in rows)

    def projects(self) -> list[str]:
        """Return the folders of the projects that have runs."""
        return [os.fsdecode(row[0]) for row in self._ask("SELECT folder FROM projects", ())]

    def named(self, text: str, project: str | None) -> list[StoredRun]:
        """Return the runs whose name or id is `text`."""
        return self._found(
            "(name = ? OR id = ?) AND (? IS NULL OR project = ?)",
            (text_of(text), text_of(text), *folder_twice(project)),
        )

    def beginning(
        self, text: str, project: str | None, *, removed: bool = False
    ) -> list[StoredRun]:
        """Return the runs whose name or id begins with `text`: removed ones, or the others."""
        start, end = text_of(text), text_of(text) + "\U0010ffff"
        return self._found(
            "(name BETWEEN ? AND ? OR id BETWEEN ? AND ?) AND removed = ?"
            " AND (? IS NULL OR project = ?)",
            (start, end, start, end, removed, *folder_twice(project)),
        )

    def tagged(self, tag: str, project: str | None) -> list[StoredRun]:
        """Return the runs that have a tag; removed ones do not count."""
        return self._found(
            "position IN (SELECT run FROM tags WHERE tag = ?) AND NOT removed"
            " AND (? IS NULL OR project = ?)",
            (text_of(tag), *folder_twice(project)),
        )

    def last_on(self, baseline: str, project: str, *, limit: int) -> list[StoredRun]:
        """Return the runs on a baseline, the one that ended last first."""
        return self._found(
            "baseline = ? AND project = ? AND NOT removed",
            (baseline, os.fsencode(project)),
            f"{NEWEST} LIMIT {limit}",
        )

    def last_unfinished(self, project: str) -> StoredRun | None:
        """Return the run that ended last among those that failed or were interrupted."""
        found = self._found(
            "status <> 'done' AND project = ? AND NOT removed",
            (os.fsencode(project),),
            f"{NEWEST} LIMIT 1",
        )
        return found[0] if found else None

    def names(self, project: str | None) -> list[str]:
        """Return the names of all runs that are not removed, the one that ended last first."""
        asked = (
            "SELECT name FROM runs r WHERE NOT removed AND (? IS NULL OR project = ?)"  # noqa: S608
            f" ORDER BY {NEWEST}"
        )
        return [row[0] for row in self._ask(asked, folder_twice(project))]

    def removed_names(self, text: str, project: str | None) -> list[str]:
        """Return the names of removed runs that begin with `text`."""
        asked = (
            "SELECT name FROM runs WHERE name BETWEEN ? AND ? AND removed"
            " AND (? IS NULL OR project = ?) ORDER BY name"
        )
        start = text_of(text)
        return [
            row[0]
            for row in self._ask(asked, (start, start + "\U0010ffff", *folder_twice(project)))
        ]

    def names_like(self, text: str, project: str | None) -> list[str]:
        """Return names that a text may have been meant for: all, where they are few enough."""
        first = text_of(text)[:1]
        return [
            row[0]
            for start, end in (("", "\U0010ffff"), (first, f"{first}\U0010ffff"))
            for row in self._ask(
                "SELECT name FROM runs WHERE name BETWEEN ? AND ? AND NOT removed"
                " AND (? IS NULL OR project = ?) LIMIT ?",
                (start, end, *folder_twice(project), _COMPARED),
            )
        ]

    def tags(self, project: str | None) -> list[str]:
        """Return the tags that runs have."""
        return list(self.tag_counts(project))

    def tag_counts(self, project: str | None) -> dict[str, int]:
        """Return how many runs have each tag, in the order of the tags; no removed ones."""
        asked = (
            "SELECT tag, count(*) FROM tags JOIN runs ON position = run"
            " WHERE NOT removed AND (? IS NULL OR project = ?) GROUP BY tag ORDER BY tag"
        )
        return dict(self._ask(asked, folder_twice(project)))

    def once_named(self, text: str, project: str | None) -> list[StoredRun]:
        """Return the runs that were recorded under a name and go by another one now."""
        return self._found(
            "recorded_name = ? AND name <> recorded_name AND (? IS NULL OR project = ?)",
            (text_of(text), *folder_twice(project)),
        )

    def outputs(self, project: str, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that an earlier run wrote."""
        asked, folder = "SELECT 1 FROM outputs WHERE project = ? AND path = ?", os.fsencode(project)
        return {path for path in paths if self._ask(asked, (folder, os.fsencode(path)))}

    def writers(self, record: RunRecord) -> Mapping[str, Writer]:
        """Return by path which earlier run wrote what a run has as an input behind a pointer."""
        return self._answer(lambda connection: writers_of(connection, record))

    def _found(
        self, condition: str, values: tuple[object, ...], order: str = NEWEST
    ) -> list[StoredRun]:
        asked = f"SELECT r.position FROM runs r WHERE {condition} ORDER BY {order}"  # noqa: S608

        def answer(connection: sqlite3.Connection) -> list[StoredRun]:
            rows = connection.execute(asked, values).fetchall()
            return runs_at(connection, [row[0] for row in rows])

        return self._answer(answer)

    def _ask(self, asked: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        return self._answer(lambda connection: connection.execute(asked, values).fetchall())

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question; an index that turns out to be damaged is made anew, in memory."""
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
                if tips.runs is not None or self.tips.runs is None or self._most is not None:
                    self.tips = tips
                    return question(connection)
            if self._current().runs is None:
                self.tips = Tips(None)
            else:  # somebody found it damaged, and is making it anew
                self._fill()
        raise sqlite3.DatabaseError("emptied again and again")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Hold one state of the index: what others write from here on is not seen."""
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
