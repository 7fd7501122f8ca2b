"""Rows put into tables with few values bound, against each value bound by itself."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence

from gitexp.store.index.file import create_tables
from gitexp.store.index.made import Block, add_cells, add_runs, made_of

from tests.store.index.test_columns import runs


def blocks(chance: random.Random) -> list[Block]:
    """Return the cells of some columns: of one kind or several, with gaps and without."""
    found: list[Block] = []
    for column in range(1, chance.randint(2, 8)):
        count = chance.choice((0, 1, 2, 199, 200, 201, 450))
        start = chance.randint(1, 10**6)
        places: Sequence[int] = range(start, start + count)
        if chance.random() < 0.5:
            places = sorted(chance.sample(range(2 * count + 1), count))
        kinds = 1 if chance.random() < 0.7 else [chance.randint(0, 5) for _ in places]
        found.append((column, places, kinds, [chance.choice((0.5, 3, "é")) for _ in places]))
    return found


def test_cells_are_added_as_they_are_one_by_one() -> None:
    for seed in range(30):
        given = blocks(random.Random(seed))
        connection = sqlite3.connect(":memory:", isolation_level=None)
        create_tables(connection)

        add_cells(connection, given)

        rows = [
            (column, place, kinds if isinstance(kinds, int) else kinds[at], values[at])
            for column, places, kinds, values in given
            for at, place in enumerate(places)
        ]
        found = connection.execute("SELECT * FROM cells ORDER BY column_id, run").fetchall()
        assert found == rows
        connection.close()


def test_runs_are_added_as_they_are_one_by_one() -> None:
    chance = random.Random(5)
    given = []
    for _, one in runs(chance, 60):
        attributes = tuple(chance.choice((None, "a", 1.5)) for _ in range(17))
        given.append(type(one)(one.run, one.folder, attributes))
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(connection)

    add_runs(connection, made_of(given).alike, 7)

    found = connection.execute("SELECT * FROM runs ORDER BY position").fetchall()
    kinds = [
        [float(one) if isinstance(one, float) else one for one in row.row(at)]
        for at, row in enumerate(given, 7)
    ]
    assert [row[:8] for row in found] == [tuple(row[:8]) for row in kinds]
    assert [list(map(str, row)) for row in found] == [
        [str(int(one) if isinstance(one, bool) else one) for one in row] for row in kinds
    ]
    connection.close()
