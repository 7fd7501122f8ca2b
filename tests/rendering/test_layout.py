from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT
from gitexp.model.text import text_width
from gitexp.rendering.formats.text import padded, padded_texts
from gitexp.rendering.layout import clipped, clipped_before, fitting, laid_out
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

    assert list(padded_texts(cells)) == ["12.5  ", " 0.125", " 3    ", " –    "]
    assert padded(cells.heading, cells.width, cells.side) == "  loss"


def test_numbers_with_exponents_stand_on_the_right() -> None:
    [cells] = laid_out(Table((Column("loss", "value"),), [(12.5,), (1e-9,)]))

    assert list(padded_texts(cells)) == [" 12.5", "1e-09"]


def test_text_stands_on_the_left() -> None:
    [cells] = laid_out(Table((Column("optimizer", "value"),), [("adam",), (1,)]))

    assert list(padded_texts(cells)) == ["adam", "1   "]


def test_columns_go_by_rank_until_the_rest_fits() -> None:
    columns = (Column("a"), Column("b", rank=1), Column("c", rank=3), Column("d", rank=2))
    table = Table(columns, [("aaaa", "bbbb", "cccc", "dddd")])

    found = {
        width: (
            [cells.column.name for cells in fitting(table, width)[0]],
            fitting(table, width)[1],
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

    shown, left_out = fitting(table, 25)

    assert [list(padded_texts(cells)) for cells in shown] == [["a" * 10 + "…"], ["b" * 10 + "…"]]
    assert left_out == []


def test_columns_that_must_be_whole_are_never_shortened() -> None:
    table = Table((Column("a", limit=0), Column("b")), [("a" * 30, "b" * 12)])

    shown, _ = fitting(table, 10)

    assert [cells.width for cells in shown] == [30, 8]


def test_headings_are_shortened_before_columns_go_but_never_their_cells() -> None:
    columns = (Column("a"), *(Column(name * 20, rank=at, least=6) for at, name in enumerate("bcd")))
    table = Table(columns, [("x", "1", "22222222", "3")], header=True)

    shown, left_out = fitting(table, 33)
    fewer, gone = fitting(table, 25)

    assert [cells.heading for cells in shown] == ["a", "bbbbbbb…", "ccccccc…", "dddddd…"]
    assert left_out == []
    assert [cells.texts[0].strip() for cells in fewer] == ["x", "1", "22222222"]
    assert gone == ["d" * 20]


def test_what_fits_beside_a_column_that_is_too_wide_is_shown() -> None:
    columns = (Column("a"), Column("b", rank=1), Column("c", rank=2))
    table = Table(columns, [("aaaa", "b" * 40, "cccc")])

    shown, left_out = fitting(table, 12)

    assert [cells.column.name for cells in shown] == ["a", "c"]
    assert left_out == ["b"]


def test_nested_names_are_shortened_where_they_can_still_be_told_apart() -> None:
    names = ["model.encoder.layers.dropout", "model.decoder.layers.dropout", "train.rate", "lr"]
    table = Table((Column("name", by_its_end=True),), [(name,) for name in names])

    [cells], _ = fitting(table, 15)
    [narrower], _ = fitting(table, 12)

    assert list(cells.texts) == ["encoder…dropout", "decoder…dropout", "train.rate", "lr"]
    assert list(narrower.texts) == ["…der…dropout", "…der…dropout", "train.rate", "lr"]


@given(st.text(), st.integers(0, 12))
def test_a_text_clipped_before_fits(text: str, width: int) -> None:
    assert text_width(clipped_before(text, width)) <= width


def test_the_best_cells_are_marked_and_the_points_still_stand_in_line() -> None:
    table = Table(
        (Column("loss", "value"),), [(12.5,), (0.125,)], header=True, best=frozenset({(1, 0)})
    )

    [cells] = laid_out(table)

    assert list(padded_texts(cells)) == ["12.5    ", " 0.125 *"]
