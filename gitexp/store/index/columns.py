"""The columns of the search index, and the cells of many runs put into them at once."""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import itemgetter, ne
from typing import Any, cast

from msgspec import Struct

from gitexp.model.values import Value, dumps, loads
from gitexp.store.index.cells import BOOL, LEAST, MOST, NUMBER, TEXT, Cell, encode, text_of
from gitexp.store.index.made import Block, Group
from gitexp.store.index.rows import Named, RunRows

Key = tuple[bytes, str, str]
"""The folder of a project, the kind and the name of a column."""
_NUMBERS = frozenset({int, float})
_TEXTS = frozenset({str})
_BOOLS = frozenset({bool})
_NESTED = frozenset({dict, list})
_EXACT = 2
"""The version of marshal that writes equal values equally, whoever else holds parts of them."""


class Column(Struct):
    """A row of table `columns`, as it stands by now."""

    id: int
    runs: int
    first: tuple[Any, ...] | None
    varies: bool
    scalars: bool


class _Late(Struct):
    """A value that late facts gave a run."""

    folder: bytes
    value: Named


_Cells = tuple[Sequence[int], int | Sequence[int], Sequence[object]]
"""A block without its column."""


class Columns:
    """The columns that runs on their way into the tables have values for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[Key, Column] = {}

    def blocks(
        self, groups: Iterable[Group], late: Iterable[tuple[int, RunRows]], first: int
    ) -> Iterator[Block]:
        """Count the values of runs in their columns; yield the cells in the order of the table.

        There are two million for a hundred thousand runs. So most of it is done by column.
        `late` are those runs that have late values, and `first` is the position of the first run.
        """
        found: dict[int, list[_Cells]] = {}
        parts: list[tuple[int, int, Group | _Late]] = [
            *((one.places[0], 0, one) for one in groups),
            *((at, 1, _Late(one.folder, value)) for at, one in late for value in one.late),
        ]
        for place, _, part in sorted(parts, key=itemgetter(0, 1)):
            if isinstance(part, Group):
                places = _moved(part.places, first)
                for name, values in zip(part.names, part.columns, strict=True):
                    column, cells = self._counted(part, name, places, values)
                    found.setdefault(column.id, []).append(cells)
            else:
                column = self.counted(part.folder, part.value)
                if (cell := part.value.cell) is not None:
                    cells = ([first + place], cell.kind, [cell.value])
                    found.setdefault(column.id, []).append(cells)
        for column_id in sorted(found):
            cells, *others = found[column_id]
            yield (column_id, *(_merged([cells, *others]) if others else cells))

    def _counted(
        self, group: Group, name: str, places: Sequence[int], values: tuple[Value, ...]
    ) -> tuple[Column, _Cells]:
        """Count values in their column and return it with the cells that they are."""
        types = set(map(type, values))
        plain = _plain_kind(types, values)
        if plain is not None:
            first = int(values[0]) if plain == BOOL else values[0]  # type: ignore[arg-type]
            column = self._found((group.folder, group.kind, text_of(name)), (plain, first))
            kind, value = column.first or (None, None)
            varies = kind != plain or values.count(value) < len(values)
            if plain == NUMBER and group.kind == "params":  # of which 1 and 1.0 are two
                varies = varies or types != {type(value)}
            cells: _Cells = (places, plain, values)
        else:
            encoded = _encoded(values)
            column = self._found((group.folder, group.kind, text_of(name)), encoded[0])
            varies = any(cell != column.first for cell in encoded)
            pairs = zip(places, encoded, strict=True)
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


def _moved(places: Sequence[int], first: int) -> Sequence[int]:
    if places[-1] - places[0] == len(places) - 1:
        return range(first + places[0], first + places[-1] + 1)
    return [first + at for at in places]


def _merged(parts: Iterable[_Cells]) -> _Cells:
    """Return the cells of one column, which several groups have, by the places of runs."""
    rows: list[tuple[int, int, object]] = []
    for places, kinds, values in parts:
        own = repeat(kinds, len(places)) if isinstance(kinds, int) else kinds
        rows += zip(places, own, values, strict=True)
    if not rows:
        return (), (), ()
    places, kinds, values = zip(*sorted(rows, key=itemgetter(0)), strict=True)
    return places, kinds, values


def _encoded(values: Iterable[Value]) -> list[Cell | None]:
    """Return values as cells; of equal lists and mappings, there may be a thousand."""
    known: dict[bytes, Cell | None] = {}
    found: list[Cell | None] = []
    for value in values:
        if value.__class__ is list or value.__class__ is dict:
            key = marshal.dumps(value, _EXACT)
            if key not in known:
                known[key] = encode(value)
            found.append(known[key])
        else:
            found.append(encode(value))
    return found


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
