"""The columns of the search index, and the cells of many runs put into them at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from operator import itemgetter, ne
from typing import Any, cast

from msgspec import Struct

from gitexp.model.values import Value, dumps, loads
from gitexp.store.index.cells import BOOL, LEAST, MOST, NUMBER, TEXT, encode, text_of
from gitexp.store.index.rows import Named, RunRows

Key = tuple[bytes, str, str]
"""The folder of a project, the kind and the name of a column."""
CellRow = tuple[int, int, int, object]
"""A row of table `cells`: column, position of the run, kind, value."""

_NUMBERS = frozenset({int, float})
_TEXTS = frozenset({str})
_BOOLS = frozenset({bool})
_NESTED = frozenset({dict, list})
_KINDS = ("metrics", "params", "series")


class Column(Struct):
    """A row of table `columns`, as it stands by now."""

    id: int
    runs: int
    first: tuple[Any, ...] | None
    varies: bool
    scalars: bool


class _Group(Struct):
    """Runs of one project whose metrics, or params, have the same names."""

    folder: bytes
    kind: str
    names: tuple[str, ...]
    places: list[int]
    values: list[tuple[Value, ...]]


class _Late(Struct):
    """A value that late facts gave a run."""

    folder: bytes
    value: Named


_Cells = tuple[Sequence[int], Iterable[int], Sequence[object]]
"""Of one column: places of runs, kinds and values."""


class Columns:
    """The columns that runs on their way into the tables have values for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[Key, Column] = {}

    def cells(self, placed: Sequence[tuple[int, RunRows]]) -> Iterator[CellRow]:
        """Count the values of runs in their columns; yield the cells as the table has them.

        There are two million for a hundred thousand runs. So most of it is done by column.
        """
        found: dict[int, list[_Cells]] = {}
        parts: list[tuple[int, int, _Group | _Late]] = [*_groups(placed), *_late(placed)]
        for place, _, part in sorted(parts, key=itemgetter(0, 1)):
            if isinstance(part, _Group):
                columns = zip(part.names, zip(*part.values, strict=True), strict=True)
                for name, values in columns:
                    column, cells = self._counted(part, name, values)
                    found.setdefault(column.id, []).append(cells)
            else:
                column = self.counted(part.folder, part.value)
                if (cell := part.value.cell) is not None:
                    cells = ([place], [cell.kind], [cell.value])
                    found.setdefault(column.id, []).append(cells)
        for column_id in sorted(found):
            rows = [zip(repeat(column_id), *cells) for cells in found[column_id]]
            yield from rows[0] if len(rows) == 1 else sorted(chain(*rows), key=itemgetter(1))

    def _counted(
        self, group: _Group, name: str, values: tuple[Value, ...]
    ) -> tuple[Column, _Cells]:
        """Count values in their column and return it with the cells that they are."""
        types = set(map(type, values))
        plain = _plain_kind(types, values)
        if plain is not None:
            first = int(values[0]) if plain == BOOL else values[0]  # type: ignore[arg-type]
            column = self._found((group.folder, group.kind, text_of(name)), (plain, first))
            kind, value = column.first or (None, None)
            varies = kind != plain or values.count(value) < len(values)
            cells: _Cells = (group.places, repeat(plain), values)
        else:
            encoded = [encode(value) for value in values]
            column = self._found((group.folder, group.kind, text_of(name)), encoded[0])
            varies = any(cell != column.first for cell in encoded)
            pairs = zip(group.places, encoded, strict=True)
            kept = [(at, *cell) for at, cell in pairs if cell is not None]
            cells = tuple(zip(*kept, strict=True)) if kept else ((), (), ())  # type: ignore[assignment]
        column.runs += len(values)
        column.varies = bool(column.varies or varies)
        column.scalars = bool(column.scalars or types - _NESTED)
        return column, cells

    def counted(self, folder: bytes, value: Named) -> Column:
        """Return the column of a single value, which now counts in it."""
        column = self._found((folder, value.kind, value.name), value.cell)
        column.runs += 1
        column.varies = bool(column.varies or column.first != value.cell)
        column.scalars = bool(column.scalars or value.scalar)
        return column

    def _found(self, key: Key, cell: tuple[object, ...] | None) -> Column:
        column = self.there(key)
        if column is None:
            column = self._columns[key] = self._new(key, cell)
        return column

    def there(self, key: Key) -> Column | None:
        """Return a column that there is."""
        column = self._columns.get(key)
        if column is None and (column := self._known(key)) is not None:
            self._columns[key] = column
        return column

    def _known(self, key: Key) -> Column | None:
        asked = (
            "SELECT id, runs, first, varies, scalars FROM columns"
            " WHERE project = ? AND kind = ? AND name = ?"
        )
        row = self._connection.execute(asked, key).fetchone()
        if row is None:
            return None
        first = loads(row[2])
        return Column(row[0], row[1], tuple(first) if isinstance(first, list) else None, *row[3:])

    def _new(self, key: Key, cell: tuple[object, ...] | None) -> Column:
        first = dumps(list(cell)) if cell is not None else "null"
        made = self._connection.execute(
            "INSERT INTO columns (project, kind, name, runs, first, varies, scalars)"
            " VALUES (?, ?, ?, 0, ?, 0, 0)",
            (*key, first),
        )
        assert made.lastrowid is not None  # it is the row's own number
        return Column(made.lastrowid, 0, cell, varies=False, scalars=False)

    def finish(self) -> None:
        """Write down what was counted."""
        self._connection.executemany(
            "UPDATE columns SET runs = ?, varies = ?, scalars = ? WHERE id = ?",
            ((one.runs, one.varies, one.scalars, one.id) for one in self._columns.values()),
        )


def _groups(placed: Iterable[tuple[int, RunRows]]) -> Iterator[tuple[int, int, _Group]]:
    """Yield what runs have with the first place and the number of their kind."""
    groups: dict[tuple[bytes, int, tuple[str, ...]], _Group] = {}
    for at, one in placed:
        for number, (names, values) in enumerate((one.metrics, one.params, one.series)):
            if names:
                group = groups.get((one.folder, number, names))
                if group is None:
                    group = _Group(one.folder, _KINDS[number], names, [], [])
                    groups[one.folder, number, names] = group
                group.places.append(at)
                group.values.append(values)
    yield from ((group.places[0], key[1], group) for key, group in groups.items())


def _late(placed: Iterable[tuple[int, RunRows]]) -> Iterator[tuple[int, int, _Late]]:
    """Yield the same of what late facts gave them, with 3."""
    yield from ((at, 3, _Late(one.folder, late)) for at, one in placed for late in one.late)


def _plain_kind(types: set[type], values: tuple[Value, ...]) -> int | None:
    """Return the kind of cells that are the values themselves; None where each has to be made."""
    if types <= _NUMBERS:
        numbers = cast("tuple[float, ...]", values)
        if any(map(ne, numbers, numbers)):  # NaN
            return None
        fits = int not in types or (min(numbers) >= LEAST and max(numbers) <= MOST)
        return NUMBER if fits else None
    if types == _BOOLS:
        return BOOL
    is_plain = types == _TEXTS and all(map(str.isascii, cast("tuple[str, ...]", values)))
    return TEXT if is_plain else None
