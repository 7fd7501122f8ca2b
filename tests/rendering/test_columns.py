"""Columns of a table as texts."""

from __future__ import annotations

import math

from gitexp.rendering.columns import written
from gitexp.rendering.table import BLANK, Column, Table


def test_every_kind_of_cell() -> None:
    columns = (
        Column("a", "text"),
        Column("b", "size"),
        Column("c", "duration"),
        Column("d", "delta"),
        Column("e", "percent"),
        Column("f", "value"),
    )
    rows = [("x\n", 1000, 61.0, 0.1, 0.1, None), ("y", None, None, None, None, BLANK)]

    assert [one.texts for one in written(Table(columns, rows))] == [
        ["x\\n", "y"],
        ["1.0 kB", "?"],
        ["1 min 1 s", "–"],
        ["+0.1", ""],
        ["+10.0 %", ""],
        ["null", ""],
    ]


def test_a_change_to_nan_has_no_delta() -> None:
    assert [one.texts for one in written(Table((Column("a", "delta"),), [(math.nan,)]))] == [[""]]


def test_a_table_without_rows_has_columns() -> None:
    assert [one.texts for one in written(Table((Column("a"), Column("b")), []))] == [[], []]
