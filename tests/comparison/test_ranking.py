from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT
from gitexp.comparison.ranking import Direction, natural_direction, ranked
from gitexp.model.policy import Policy, Rule

NAN = math.nan


def itself(value: object) -> object:
    return value


@pytest.mark.parametrize(
    ("direction", "values"),
    [
        ("asc", [-math.inf, 1, 1.5, 10**30, math.inf, "a", "b", "é", False, True, [1], {}, NAN]),
        ("desc", [math.inf, 10**30, 1.5, 1, -math.inf, "é", "b", "a", True, False, {}, [1], NAN]),
    ],
)
def test_kinds_come_in_one_order_in_both_directions(
    direction: Direction, values: list[object]
) -> None:
    found = ranked(values[::-1], itself, direction)

    assert list(map(repr, found)) == list(map(repr, values))


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_runs_without_a_value_come_last_and_behind_nan(direction: Direction) -> None:
    runs = {"absent": ABSENT, "nan": NAN, "null": None, "small": 1, "text": "a", "tags": ()}

    assert ranked(runs, lambda run: runs[run], direction) == [
        "small",
        "text",
        "nan",
        "absent",
        "null",
        "tags",
    ]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_equal_runs_stay_as_they_are(direction: Direction) -> None:
    newest_first = [("c", 1), ("b", 1.0), ("a", 1), ("nan 2", NAN), ("nan 1", NAN)]

    assert ranked(newest_first, lambda run: run[1], direction) == newest_first


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
)


@given(st.lists(VALUES), st.sampled_from(["asc", "desc"]))
def test_no_run_is_lost_and_numbers_are_in_order(
    values: list[object], direction: Direction
) -> None:
    found = ranked(enumerate(values), lambda run: run[1], direction)

    assert sorted(at for at, _ in found) == list(range(len(values)))
    numbers = [
        value
        for _, value in found
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124
    ]
    assert all(a <= b if direction == "asc" else a >= b for a, b in pairwise(numbers))


@pytest.mark.parametrize(
    ("metric", "direction"),
    [("accuracy", "desc"), ("loss", "asc"), ("speed", None), ("unknown", None)],
)
def test_the_policy_says_which_way_is_better(metric: str, direction: Direction | None) -> None:
    policy = Policy((("accuracy", Rule("max")), ("loss", Rule("min")), ("speed", Rule(min=1))))

    assert natural_direction(policy, metric) == direction
