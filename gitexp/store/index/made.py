"""Runs as the tables of the search index take them, and put there with few values bound.

What binds a value takes longer than what SQLite does with it, and twice as long for None.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from msgspec import Struct

from gitexp.model.values import Value
from gitexp.store.index.rows import RunRows
from gitexp.store.stored_run import StoredRun

_KINDS = ("metrics", "params", "series")
_CELLS = 200
"""How many are added by a statement: four values each, and 999 are as many as any SQLite takes."""

Block = tuple[int, Sequence[int], int | Sequence[int], Sequence[object]]
"""Rows of table `cells` that are of one column: positions of runs, kinds (one for all), values."""


class Group(Struct, frozen=True):
    """Runs of one project whose metrics, or params, have the same names."""

    folder: bytes
    kind: str
    names: tuple[str, ...]
    places: Sequence[int]
    """Which of the runs these are, from 0."""
    columns: Sequence[tuple[Value, ...]]
    """The values of each name."""


class Alike(Struct, frozen=True):
    """Rows of table `runs` that lack the same values."""

    lacking: tuple[bool, ...]
    rows: Sequence[Sequence[object]]
    """What they do not lack; the position counts from 0."""


class Made(Struct, frozen=True):
    """Some runs in their order, apart from what late facts say."""

    runs: Sequence[StoredRun]
    alike: Sequence[Alike]
    groups: Sequence[Group]
    """In the order of their first runs, and of the kinds."""
    tags: Sequence[tuple[int, str]]
    outputs: Sequence[tuple[bytes, bytes, int]]
    """Each with the last run that wrote it."""
    written: Sequence[tuple[bytes, bytes, str, int]]
    counts: Sequence[tuple[bytes, int, int]]
    """Runs, and those that can be read, by project."""


def made_of(runs: Sequence[RunRows]) -> Made:
    """Return runs as the tables take them."""
    return Made(
        [one.run for one in runs],
        list(_alike(runs)),
        sorted(_groups(runs), key=lambda group: (group.places[0], _KINDS.index(group.kind))),
        [(at, tag) for at, one in enumerate(runs) for tag in one.tags],
        _outputs(runs),
        [(one.folder, *what, at) for at, one in enumerate(runs) for what in one.written],
        _counts(runs),
    )


def how_many(made: Made) -> int:
    """Return how many runs there are."""
    return len(made.runs)


def _alike(runs: Iterable[RunRows]) -> Iterator[Alike]:
    found: dict[tuple[bool, ...], list[Sequence[object]]] = {}
    for at, one in enumerate(runs):
        row = one.row(at)
        lacking = tuple([value is None for value in row])
        found.setdefault(lacking, []).append([value for value in row if value is not None])
    return (Alike(*one) for one in found.items())


def _groups(runs: Iterable[RunRows]) -> Iterator[Group]:
    found: dict[tuple[bytes, str, tuple[str, ...]], tuple[list[int], list[tuple[Value, ...]]]] = {}
    for at, one in enumerate(runs):
        for kind, (names, values) in zip(
            _KINDS, (one.metrics, one.params, one.series), strict=True
        ):
            if names:
                key = (one.folder, kind, names)
                places, rows = found.get(key) or found.setdefault(key, ([], []))
                places.append(at)
                rows.append(values)
    for key, (places, rows) in found.items():
        yield Group(*key, places, list(zip(*rows, strict=True)))


def _outputs(runs: Iterable[RunRows]) -> list[tuple[bytes, bytes, int]]:
    last = {(one.folder, path): at for at, one in enumerate(runs) for path in one.outputs}
    return [(*what, at) for what, at in last.items()]


def _counts(runs: Iterable[RunRows]) -> list[tuple[bytes, int, int]]:
    found: dict[bytes, list[int]] = {}
    for one in runs:
        counts = found.setdefault(one.folder, [0, 0])
        counts[0] += 1
        counts[1] += one.readable
    return [(folder, runs, readable) for folder, (runs, readable) in found.items()]


def add_runs(connection: sqlite3.Connection, alike: Iterable[Alike], first: int) -> None:
    """Add rows of table `runs`; `first` is the position of the first."""
    for one in alike:
        marks = ["NULL" if lacking else "?" for lacking in one.lacking[1:]]
        statement = f"INSERT INTO runs VALUES ({', '.join([f'? + {first}', *marks])})"
        connection.executemany(statement, one.rows)


def add_cells(connection: sqlite3.Connection, blocks: Iterable[Block]) -> None:
    """Add rows of table `cells`."""
    for column_id, places, kinds, values in blocks:
        for at in range(0, len(places), _CELLS):
            part, own = places[at : at + _CELLS], values[at : at + _CELLS]
            bound: list[object] = [column_id]
            if not isinstance(kinds, int):
                form = _each
                bound += chain.from_iterable(zip(part, kinds[at : at + _CELLS], own, strict=True))
            elif part[-1] - part[0] == len(part) - 1:
                form = _in_a_row
                bound += (kinds, part[0], *own)
            else:
                form = _of_one_kind
                bound += (kinds, *chain.from_iterable(zip(part, own, strict=True)))
            connection.execute(_statement(len(part), form), bound)


@lru_cache(maxsize=256)
def _statement(count: int, form: Callable[[int], str]) -> str:
    return "INSERT INTO cells VALUES " + ", ".join(map(form, range(count)))


def _each(at: int) -> str:
    return f"(?1, ?{3 * at + 2}, ?{3 * at + 3}, ?{3 * at + 4})"


def _of_one_kind(at: int) -> str:
    """Of one kind."""
    return f"(?1, ?{2 * at + 3}, ?2, ?{2 * at + 4})"


def _in_a_row(at: int) -> str:
    """Of one kind as well, and of runs that stand one after the other."""
    return f"(?1, ?3 + {at}, ?2, ?{at + 4})"
