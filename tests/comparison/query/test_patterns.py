from __future__ import annotations

import re

import pytest

from gitexp.comparison.query.expression import Column, Match
from gitexp.comparison.query.patterns import pattern_of

NAME = Column("attribute", "name")


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("a%_", r"\A(?:a.*.)\Z"),
        ("%%%", r"\A(?:.*)\Z"),
        (r"\%\_\a", r"\A(?:%_a)\Z"),
        (r"\%%", r"\A(?:%.*)\Z"),
        ("a.b\\", r"\A(?:a\.b\\)\Z"),
        ("\n", "\\A(?:\\\n)\\Z"),
    ],
)
def test_like_as_a_regular_expression(pattern: str, expression: str) -> None:
    assert pattern_of(Match(NAME, pattern, "like")).pattern == expression


def test_ilike_ignores_case() -> None:
    assert pattern_of(Match(NAME, "É%", "ilike")).search("école")


def test_regular_expressions_are_searched_for_without_warnings() -> None:
    assert pattern_of(Match(NAME, "[[x]", "regex")).search("a[")


def test_what_is_no_regular_expression_raises() -> None:
    with pytest.raises(re.error):
        pattern_of(Match(NAME, "(", "regex"))
