"""A search index of the runs, derived from git objects alone; if deleted, it comes back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.comparison.query.expression import Column
from gitexp.errors import GitexpError
from gitexp.model.record import RunRecord
from gitexp.model.values import Value
from gitexp.store.facts import facts_on
from gitexp.store.index.access import OpenIndex
from gitexp.store.index.answers import folder_twice, ids_among, ids_in, oids_at, runs_at
from gitexp.store.index.cells import decode, text_of
from gitexp.store.index.found import FoundRuns, Places, packed
from gitexp.store.index.in_order import keep_in_order
from gitexp.store.index.selection import NEWEST, Selection, count, positions
from gitexp.store.index.writers import Writer, last_writers, makers, places_of, writers_of
from gitexp.store.reading import run_of
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.store.index.groups import Alike, Member
    from gitexp.store.index.measured import Measured

_COMPARED = 3000
"""How many names a mistyped one is compared with: that takes a tenth of a second."""


class RunIndex(OpenIndex):
    """What commands ask of all runs, answered without reading them."""

    def select(self, wanted: Selection) -> list[StoredRun]:
        """Return the runs that are wanted, in their order."""
        self._keep_in_order(wanted)
        return self._answer(
            lambda connection: runs_at(
                connection, positions(connection, wanted, ids_in(connection, wanted.project))
            )
        )

    def select_many(self, wanted: Selection) -> FoundRuns:
        """Return the same, each of which is read when it is asked for."""
        self._keep_in_order(wanted)

        def places(connection: sqlite3.Connection) -> Places:
            found = positions(connection, wanted, ids_in(connection, wanted.project))
            return packed(oids_at(connection, found))

        return FoundRuns(*self._answer(places), self._answer, self._of_commit)

    def _of_commit(self, oid: str) -> StoredRun:
        """Return a run that was found, from its commit and what is known of it now."""
        repository = self._source.repository
        found = run_of(repository, oid)
        if found is None:  # a purge has taken it out of this clone since
            raise GitexpError(
                f"run {oid[:10]} is gone from this repository", hint="Start the command again."
            )
        return replace(found, facts=facts_on(repository, found, self.tips.facts))

    def _keep_in_order(self, wanted: Selection) -> None:
        keep_in_order(self._connection, wanted, ids_in(self._connection, wanted.project))

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
        """Return the runs with a number in a column, by start time, and how many have none."""
        from gitexp.store.index.measured import measured  # noqa: PLC0415 - 2 ms, for `gitexp trend` alone

        return self._answer(
            lambda connection: measured(
                connection, wanted, column, ids_in(connection, wanted.project)
            )
        )

    def columns(self, project: str | None) -> list[Column]:
        """Return the metrics and params that runs of a project (None: of any) have."""
        rows = self._ask(
            "SELECT DISTINCT kind, name FROM columns"
            " WHERE kind <> 'series' AND (? IS NULL OR project = ?) ORDER BY id",
            folder_twice(project),
        )
        return [Column(kind, name) for kind, name in rows]

    def curves(self, project: str | None) -> list[Column]:
        """Return what may be asked of the curves that runs of a project (None: of any) have."""
        rows = self._ask(
            "SELECT DISTINCT name FROM columns"
            " WHERE kind = 'series' AND (? IS NULL OR project = ?) ORDER BY id",
            folder_twice(project),
        )
        return [Column("series", name) for (name,) in rows]

    def look_at(self, project: str | None, columns: Collection[Column]) -> None:
        """Read the curves that `at(…)` asks for, of runs whose curves were not read for it yet."""
        if columns:
            from gitexp.store.index.curves import look_at  # noqa: PLC0415 - 3 ms, for `at(…)` alone

            for column in columns:
                look_at(self._connection, self._source.repository, project, column)

    def value(self, column: Column, run_id: str) -> Value:
        """Return what a run has in a column; None for nothing."""
        rows = self._ask(
            "SELECT cells.kind, value FROM cells JOIN columns ON columns.id = column_id"
            " JOIN runs ON position = run"
            " WHERE runs.id = ? AND columns.kind = ? AND columns.name = ?",
            (text_of(run_id), column.kind, text_of(column.name)),
        )
        return next((decode(kind, raw) for kind, raw in rows), None)

    def varying(self, project: str | None) -> frozenset[Column]:
        """Return the columns that do not have the same value in all runs of a project."""
        rows = self._ask(
            "SELECT kind, name FROM columns WHERE kind <> 'series' AND (? IS NULL OR project = ?)"
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
        asked = text_of(text)
        return self._found(
            "(name = ? OR id = ?) AND (? IS NULL OR project = ?)",
            (asked, asked, *folder_twice(project)),
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

    def last_on(
        self, baseline: str, project: str, *, limit: int, swept: bool = True
    ) -> list[StoredRun]:
        """Return the runs on a baseline, the one that ended last first; points of sweeps or not."""
        return self._found(
            "baseline = ? AND project = ? AND NOT removed AND (? OR sweep IS NULL)",
            (baseline, os.fsencode(project), swept),
            f"{NEWEST} LIMIT {limit}",
        )

    def evaluated(self, project: str) -> list[StoredRun]:
        """Return the runs that were evaluated on held-out data, removed ones as well."""
        return self._found(
            "id IN (SELECT id FROM facts WHERE instr(facts, ?)) AND project = ?",
            ('"held_out":', os.fsencode(project)),
        )

    def names(self, project: str | None) -> list[str]:
        """Return the names of all runs that are not removed, the one that ended last first."""
        asked = (
            "SELECT name FROM runs r WHERE NOT removed AND (? IS NULL OR project = ?)"
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
        """Return names that a text may have been meant as: all, if they are few enough."""
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
        """Return the runs that were recorded under a name and now go by another one."""
        return self._found(
            "recorded_name = ? AND name <> recorded_name AND (? IS NULL OR project = ?)",
            (text_of(text), *folder_twice(project)),
        )

    def outputs(self, project: str, paths: Iterable[str]) -> Mapping[str, int]:
        """Return those of the paths that an earlier run wrote, with what tells the last one apart.

        The cost is that of the paths, however many runs there are.
        """
        return self._answer(lambda connection: places_of(connection, project, paths))

    def there(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of the ids that runs have."""
        return self._answer(lambda connection: ids_among(connection, ids))

    def last_writers(self, project: str, paths: Iterable[str]) -> Mapping[str, StoredRun]:
        """Return, by path, the last run that wrote each."""
        return self._answer(lambda connection: last_writers(connection, project, paths))

    def makers(
        self, project: str, versions: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], StoredRun]:
        """Return, by path and md5, the last run whose command wrote that behind a pointer."""
        return self._answer(lambda connection: makers(connection, project, versions))

    def writers(self, record: RunRecord) -> Mapping[str, Writer]:
        """Return, by path, which earlier run wrote what a run has as an input behind a pointer."""
        return self._answer(lambda connection: writers_of(connection, record))

    def alike(self, alike: Alike, look: str, *, limit: int) -> list[tuple[StoredRun, str | None]]:
        """Return the runs that look alike and are done, the newest first, with the keys known."""
        from gitexp.store.index.groups import fill_looks, runs_alike  # noqa: PLC0415 - 1 ms, for repeats alone

        fill_looks(self._connection, alike)
        return self._answer(lambda connection: runs_alike(connection, alike, look, limit))

    def members(
        self, wanted: Selection, alike: Alike, column: Column | None = None
    ) -> list[Member]:
        """Return the wanted runs with what tells repeats, and with a value if one is asked for."""
        from gitexp.store.index.groups import fill_looks, members  # noqa: PLC0415 - as above

        fill_looks(self._connection, alike)
        return self._answer(
            lambda connection: members(
                connection, wanted, alike, column, ids_in(connection, wanted.project)
            )
        )

    def has_repeats(self, alike: Alike) -> bool:
        """Return whether two runs look alike, so that one may repeat the other."""
        from gitexp.store.index.groups import any_alike, fill_looks  # noqa: PLC0415 - as above

        fill_looks(self._connection, alike)
        return self._answer(lambda connection: any_alike(connection, alike))

    def keep_keys(self, alike: Alike, keys: Iterable[tuple[str, str]]) -> None:
        """Keep the keys of runs, by their ids."""
        from gitexp.store.index.groups import keep_keys  # noqa: PLC0415 - as above

        keep_keys(self._connection, alike, keys)

    def at(self, positions: Sequence[int]) -> list[StoredRun]:
        """Return the runs at some positions, in that order."""
        return self._answer(lambda connection: runs_at(connection, positions))

    def made_of(self, inputs: str, command: str, project: str) -> list[StoredRun]:
        """Return the runs that ended well with these inputs and this command, newest first.

        Both as their commits have them in the trailers.
        """
        return self._found(
            "inputs = ? AND command = ? AND project = ? AND status = 'done' AND NOT removed",
            (text_of(inputs), text_of(command), os.fsencode(project)),
        )
