from __future__ import annotations

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.query.expression import Column, Match
from gitexp.comparison.query.patterns import pattern_of

NAME = Column("attribute", "name")


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("a%_", r"\Aa.*.\Z"),
        ("%%%", r"\A.*\Z"),
        (r"\%\_\a", r"\A%_a\Z"),
        (r"\%%", r"\A%.*\Z"),
        ("a.b\\", r"\Aa\.b\\\Z"),
        ("\n", "\\A\\\n\\Z"),
        ("%a%%b%", r"\A(?=(?P<p0>.*?a))(?P=p0)(?=(?P<p1>.*?b))(?P=p1).*\Z"),
    ],
)
def test_like_as_a_regular_expression(pattern: str, expression: str) -> None:
    assert pattern_of(Match(NAME, pattern, "like")).pattern == expression


@given(st.text("ab%_", max_size=7), st.text("abAB", max_size=9), st.sampled_from(["like", "ilike"]))
def test_the_first_place_of_each_part_is_as_good_as_any(
    pattern: str, text: str, kind: Literal["like", "ilike"]
) -> None:
    plain = "".join({"%": ".*", "_": "."}.get(letter, letter) for letter in pattern)
    flags = re.IGNORECASE if kind == "ilike" else 0

    found = pattern_of(Match(NAME, pattern, kind)).search(text)

    assert (found is None) == (re.fullmatch(plain, text, flags) is None)


def test_ilike_ignores_case() -> None:
    assert pattern_of(Match(NAME, "É%", "ilike")).search("école")


def test_regular_expressions_are_searched_for_without_warnings() -> None:
    assert pattern_of(Match(NAME, "[[x]", "regex")).search("a[")


def test_what_is_no_regular_expression_raises() -> None:
    with pytest.raises(re.error):
        pattern_of(Match(NAME, "(", "regex"))
