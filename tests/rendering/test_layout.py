from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.diff import ABSENT
from gitexp.model.text import text_width
from gitexp.rendering.layout import clipped, fitting, laid_out, padded
from gitexp.rendering.table import Column, Table


@given(st.text(), st.integers(0, 12))
def test_clipped_text_fits(text: str, width: int) -> None:
    assert text_width(clipped(text, width)) <= width


def test_what_fits_is_not_clipped() -> None:
    assert clipped("損失", 4) == "損失"
    assert clipped("損失", 3) == "損…"
    assert clipped("損失", 2) == "…"
    assert clipped("loss", 0) == ""


def test_padding_counts_wide_characters_twice() -> None:
    assert padded("損失", 6, "left") == "損失  "
    assert padded("損失", 6, "right") == "  損失"


def test_points_of_numbers_stand_in_line() -> None:
    table = Table((Column("loss", "value"),), [(12.5,), (0.125,), (3,), (ABSENT,)], header=True)

    [cells] = laid_out(table)

    assert list(cells.padded) == ["12.5  ", " 0.125", " 3    ", " –    "]  # noqa: RUF001 - shown
    assert cells.padded_heading == "  loss"


def test_numbers_with_exponents_stand_on_the_right() -> None:
    [cells] = laid_out(Table((Column("loss", "value"),), [(12.5,), (1e-9,)]))

    assert list(cells.padded) == [" 12.5", "1e-09"]


def test_text_stands_on_the_left() -> None:
    [cells] = laid_out(Table((Column("optimizer", "value"),), [("adam",), (1,)]))

    assert list(cells.padded) == ["adam", "1   "]


def test_columns_go_by_rank_until_the_rest_fits() -> None:
    columns = (Column("a"), Column("b", rank=1), Column("c", rank=3), Column("d", rank=2))
    table = Table(columns, [("aaaa", "bbbb", "cccc", "dddd")])

    found = {
        width: (
            [cells.column.name for cells in fitting(laid_out(table), width)[0]],
            fitting(laid_out(table), width)[1],
        )
        for width in (25, 24, 17, 10)
    }

    assert found == {
        25: (["a", "b", "c", "d"], []),
        24: (["a", "b", "d"], ["c"]),
        17: (["a", "b"], ["c", "d"]),
        10: (["a"], ["b", "c", "d"]),
    }


def test_what_still_does_not_fit_is_shortened_widest_first() -> None:
    table = Table((Column("a"), Column("b")), [("a" * 30, "b" * 12)])

    shown, left_out = fitting(laid_out(table), 25)

    assert [list(cells.padded) for cells in shown] == [["a" * 9 + "…"], ["b" * 12]]
    assert left_out == []


def test_columns_that_must_be_whole_are_never_shortened() -> None:
    table = Table((Column("a", limit=0), Column("b")), [("a" * 30, "b" * 12)])

    shown, _ = fitting(laid_out(table), 10)

    assert [cells.width for cells in shown] == [30, 8]
