"""Which numbers a text of ranges names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.sweep_point import numbers_in, ranges_text


@given(st.sets(st.integers(0, 60)))
def test_numbers_come_back_from_their_text(numbers: set[int]) -> None:
    assert numbers_in(ranges_text(numbers), 61) == numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0-99999999999", {0, 1, 2, 3, 4}),
        ("3-1000000000000000", {3, 4}),
        ("7", set()),
        (f"{'9' * 5000},1", {1}),
        ("-1,x,1-,2--3,4", {4}),
        ("", set()),
    ],
)
def test_no_text_costs_more_than_the_points_there_are(text: str, expected: set[int]) -> None:
    assert numbers_in(text, 5) == expected
