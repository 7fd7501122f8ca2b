from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT
from gitexp.rendering.formats.csv import pieces, render
from gitexp.rendering.table import Document, Flat


def rendered(*cells: object) -> str:
    flat = Flat(tuple(f"c{at}" for at in range(len(cells))), [cells])
    return render(Document(lambda: None, lambda: flat, list))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (5, "5"),
        (True, "true"),
        (None, "null"),
        (ABSENT, ""),
        ("", ""),
        ("\udcff", "\\udcff"),
        ([1, "a"], '[1,"a"]'),
        ((1, math.nan), '[1,{"$float":"nan"}]'),
    ],
)
def test_cells_have_full_precision(value: object, cell: str) -> None:
    assert list(csv.reader(io.StringIO(rendered(value, "end"))))[1] == [cell, "end"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_text_comes_back_as_it_was(text: str) -> None:
    rows = list(csv.reader(io.StringIO(rendered(text, text), newline="")))

    assert rows[1] == [text, text]


@given(st.floats(allow_nan=False))
def test_floats_come_back_as_they_were(number: float) -> None:
    rows = list(csv.reader(io.StringIO(rendered(number))))

    assert float(rows[1][0]) == number


def test_many_rows_are_written_in_pieces() -> None:
    rows = ([at, "x"] for at in range(1000))
    document = Document(lambda: None, lambda: Flat(("n", "text"), rows), list)

    parts = list(pieces(document))

    assert len(parts) > 3
    assert "".join(parts).splitlines()[-1] == "999,x"
    assert "".join(parts).count("\n") == 1001
