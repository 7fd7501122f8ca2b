"""The columns and cells of many runs at once, against the plain way: value by value."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import cast

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.values import Value, dumps
from gitexp.store.index.cells import Cell, encode, text_of
from gitexp.store.index.columns import Columns
from gitexp.store.index.file import connect
from gitexp.store.index.flat import flat
from gitexp.store.index.made import made_of
from gitexp.store.index.rows import Named, RunRows
from gitexp.store.stored_run import StoredRun

_VALUES: tuple[Value, ...] = (
    *(0, 1, 1.0, -0.0, 0.5, 2**63 - 1, 2**63, -(2**63) - 1, math.nan, math.inf, True, False),
    *(None, "", "a", "é", "\ud800", cast("Value", [1, 2]), [], {}, "1"),
)
_NAMES = ("lr", "loss", "a.b", "é", "\ud800", "evaluation.x")


def runs(chance: random.Random, count: int) -> Iterator[tuple[int, RunRows]]:
    """Yield runs of two projects, most of which look like the one before."""
    shapes = [tuple(chance.sample(_NAMES, chance.randint(0, 4))) for _ in range(3)]
    for place in range(1, count + 1):
        names, other = chance.choice(shapes), chance.choice(shapes)
        pool = chance.choice((_VALUES, (0.5, 1, 2), ("a", "b"), (True, False), (7,)))
        run = StoredRun(f"{place:040}", str(place), "name", "", b"")
        late = (Named("metrics", "late", encode(chance.choice(_VALUES)), scalar=True),)
        yield (
            place,
            RunRows(
                run,
                chance.choice((b"", b"app")),
                (),
                (names, tuple(chance.choice(pool) for _ in names)),
                (other, tuple(chance.choice(pool) for _ in other)),
                late=late if chance.random() < 0.2 else (),
            ),
        )


def _are_apart(kind: str, one: object, other: object) -> bool:
    """Return whether a column of such cells varies; of params, 1 and 1.0 are two."""
    if kind == "params" and isinstance(one, Cell) and isinstance(other, Cell):
        return one != other or type(one.value) is not type(other.value)
    return one != other


class Plain:
    """What the tables are to hold, value by value."""

    def __init__(self) -> None:
        self.columns: dict[tuple[bytes, str, str], list[object]] = {}
        self.cells: list[tuple[object, ...]] = []

    def add(self, place: int, one: RunRows) -> None:
        for kind, (names, values) in (("metrics", one.metrics), ("params", one.params)):
            for name, value in zip(names, values, strict=True):
                nested = isinstance(value, dict | list)
                self._count(
                    place, one.folder, Named(kind, text_of(name), encode(value), not nested)
                )
        for late in one.late:
            self._count(place, one.folder, late)

    def _count(self, place: int, folder: bytes, value: Named) -> None:
        key = (folder, value.kind, value.name)
        fresh: list[object] = [len(self.columns) + 1, 0, value.cell, False, False]
        column = self.columns.setdefault(key, fresh)
        column[1] = int(str(column[1])) + 1
        column[3] = column[3] or _are_apart(value.kind, column[2], value.cell)
        column[4] = column[4] or value.scalar
        if value.cell is not None:
            self.cells.append((column[0], place, *value.cell))

    def rows(self) -> list[tuple[object, ...]]:
        return [
            (number, *key, count, "null" if first is None else dumps(list(first)), varies, scalars)
            for key, (number, count, first, varies, scalars) in self.columns.items()
            if first is None or isinstance(first, Cell)
        ]


def test_columns_and_cells_are_those_of_the_plain_way() -> None:
    for seed in range(100):
        chance = random.Random(seed)
        placed = list(runs(chance, chance.randint(1, 12)))
        plain = Plain()
        connection = connect(":memory:", patience=0)
        columns, cells = Columns(connection), list[tuple[object, ...]]()
        for at in range(0, len(placed), 5):
            for place, one in placed[at : at + 5]:
                plain.add(place, one)
            if chance.random() < 0.5:  # another process goes on
                columns.finish()
                columns = Columns(connection)
            some = [one for _, one in placed[at : at + 5]]
            late = [(number, one) for number, one in enumerate(some) if one.late]
            blocks = columns.blocks(made_of(some).groups, late, placed[at][0])
            part = [cell for block in blocks for cell in cells_of(*block)]
            assert [one[:2] for one in part] == sorted(one[:2] for one in part)
            cells += part
        columns.finish()

        asked = "SELECT id, project, kind, name, runs, first, varies, scalars FROM columns"
        assert connection.execute(asked).fetchall() == plain.rows()
        assert sorted(cells, key=by_key) == sorted(plain.cells, key=by_key)
        connection.close()


def cells_of(
    column: int, places: Sequence[int], kinds: int | Sequence[int], values: Sequence[object]
) -> Iterator[tuple[object, ...]]:
    own = [kinds] * len(places) if isinstance(kinds, int) else kinds
    return zip([column] * len(places), places, own, values, strict=True)


def by_key(cell: tuple[object, ...]) -> tuple[str, str]:
    return f"{cell[0]:09}", f"{cell[1]:09}"


def documents(chance: random.Random, depth: int) -> dict[str, Value]:
    keys = chance.sample(("a", "b", "a.b", "b.a", "c"), chance.randint(0, 4))
    return {
        key: documents(chance, depth - 1)
        if depth and chance.random() < 0.4
        else chance.choice(_VALUES)
        for key in keys
    }


def test_flat_values_of_documents_that_look_alike_are_those_of_each() -> None:
    chance = random.Random(1)
    clashes = 0
    for _ in range(3000):
        found = {
            file: documents(chance, 3)
            for file in chance.sample(("x.yaml", "y"), chance.choice((0, 1, 1, 2)))
        }
        names, values = flat(found)
        assert repr(dict(zip(names, values, strict=True))) == repr(flat_values(found))
        clashes += len(found) == 1 and '"a.b"' in dumps(found) and '"a"' in dumps(found)
    assert clashes
