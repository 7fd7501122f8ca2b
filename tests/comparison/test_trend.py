"""A metric over runs: which one is meant, and where it got better."""

from __future__ import annotations

import math

from gitexp.comparison.trend import MeasuredRun, trend
from gitexp.model.policy import Policy, Rule

POLICY = Policy((("acc", Rule("max", tolerance=0.01)), ("loss", Rule("min"))))


def runs(*values: float) -> list[MeasuredRun]:
    """Return a run a day, with these values."""
    return [
        MeasuredRun(
            f"oid-{day}", f"{day:010}", f"day-{day}", f"2026-01-{day:02}T00:00:00.000Z", value
        )
        for day, value in enumerate(values, 1)
    ]


def test_each_run_is_held_against_those_before_it() -> None:
    found = trend("acc", runs(0.5, 0.7, 0.6), POLICY)

    assert [step.run.oid for step in found.steps] == ["oid-1", "oid-2", "oid-3"]
    assert [step.value for step in found.steps] == [0.5, 0.7, 0.6]
    assert [step.change for step in found.steps] == [None, 0.2, -0.1]
    assert [step.best for step in found.steps] == [0.5, 0.7, 0.7]
    assert [step.improved for step in found.steps] == [False, True, False]


def test_the_lower_is_the_better_where_the_goal_says_so() -> None:
    found = trend("loss", runs(3, 1, 2), POLICY)

    assert [(step.best, step.improved) for step in found.steps] == [
        (3, False),
        (1, True),
        (1, False),
    ]


def test_small_steps_are_an_improvement_once_they_add_up_to_more_than_the_tolerance() -> None:
    found = trend("acc", runs(0.5, 0.508, 0.516, 0.52), POLICY)

    assert [step.improved for step in found.steps] == [False, False, True, False]
    assert [step.best for step in found.steps] == [0.5, 0.508, 0.516, 0.52]


def test_without_a_goal_nothing_is_better() -> None:
    found = trend("acc", runs(0.5, 0.9), Policy())

    assert found.goal is None
    assert [(step.best, step.improved) for step in found.steps] == [(None, False)] * 2


def test_nan_is_a_value_and_never_the_best() -> None:
    found = trend("acc", runs(0.5, math.nan, 0.6), POLICY)

    assert [step.best for step in found.steps] == [0.5, 0.5, 0.6]
    assert [step.improved for step in found.steps] == [False, False, True]


def test_a_goal_for_a_name_is_one_for_the_same_name_with_a_file_before_it() -> None:
    found = trend("metrics.json:loss", runs(3, 1), POLICY)

    assert (found.metric, found.goal) == ("metrics.json:loss", "min")
    assert [step.improved for step in found.steps] == [False, True]
