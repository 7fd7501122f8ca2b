from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.query.place import NOWHERE, Place, QueryError


def shown(text: str, start: int, end: int) -> list[str]:
    return str(QueryError("wrong", Place(text, start, end))).splitlines()


def test_a_mistake_is_marked_below_the_expression() -> None:
    assert shown("lr > abc and x", 5, 8) == ["wrong", "  lr > abc and x", "       ^^^"]


def test_the_end_is_marked_behind_the_expression() -> None:
    assert shown("lr >", 4, 4) == ["wrong", "  lr >", "      ^"]


def test_marks_stand_below_wide_characters() -> None:
    assert shown("損失 > あ", 5, 6) == ["wrong", "  損失 > あ", "         ^^"]


def test_what_a_terminal_acts_upon_is_spelled_out() -> None:
    assert shown("a\n> \x1b[1m", 4, 6) == ["wrong", "  a > \\x1b[1m", "      ^^^^^"]


def test_a_long_expression_is_cut_around_the_place() -> None:
    text = "accuracy > 0.9 and " * 5 + "mistake" + " and accuracy > 0.9" * 5

    assert shown(text, 95, 102) == [
        "wrong",
        "  …and accuracy > 0.9 and mistake and accura…",
        "                          ^^^^^^^",
    ]


def test_a_long_mistake_is_cut_at_its_end() -> None:
    assert shown("a" * 100, 10, 90) == [
        "wrong",
        f"  {'a' * 49}…{'a' * 10}",
        f"{' ' * 12}{'^' * 40}",
    ]


def test_a_mistake_nowhere_shows_no_expression() -> None:
    assert str(QueryError("wrong", NOWHERE)) == "wrong"


@pytest.mark.parametrize("hint", [None, "Write \x1b."])
def test_hints_are_harmless_too(hint: str | None) -> None:
    error = QueryError("wrong", NOWHERE, hint)

    assert error.hint == (hint and "Write \\x1b.")


@given(st.text(min_size=1).filter(str.strip), st.data())
def test_every_mistake_fits_three_lines_of_a_terminal(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    lines = str(QueryError("wrong", Place(text, start, end))).split("\n")

    assert len(lines) == 3
    assert set(lines[2]) <= {" ", "^"}
    assert "^" in lines[2]
    assert all(len(line) <= 80 for line in lines)
