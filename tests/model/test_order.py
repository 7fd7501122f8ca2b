"""Names in order, numbers in them counting as numbers."""

from __future__ import annotations

import itertools

from gitexp.model.order import in_order


def test_numbers_count_wherever_they_stand() -> None:
    expected = ["a", "a1b2", "a1b10", "a2b1", "a10", "b.2.weight", "b.10.weight", "é"]

    for names in itertools.islice(itertools.permutations(expected), 0, None, 997):
        assert in_order(names) == expected


def test_names_that_differ_in_zeros_alone_have_one_order() -> None:
    assert in_order(["x1", "x01", "x001"]) == in_order(["x001", "x1", "x01"])
    assert in_order(["x02", "x1", "x10"]) == ["x1", "x02", "x10"]


def test_more_digits_than_an_integer_may_have_are_no_problem() -> None:
    long = "9" * 6000

    assert in_order([f"x{long}", "x2", f"x1{long}"]) == ["x2", f"x{long}", f"x1{long}"]
