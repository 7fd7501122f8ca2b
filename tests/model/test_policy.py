from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.policy import Policy, Rule

POLICY = Policy(
    (
        ("accuracy", Rule(goal="max", tolerance=0.002)),
        ("loss", Rule(goal="min")),
        ("latency", Rule(tolerance=5, max=100)),
    )
)


@pytest.mark.parametrize(
    ("metric", "old", "new", "mark"),
    [
        ("accuracy", 0.942, 0.961, "better"),
        ("accuracy", 0.942, 0.9, "worse"),
        ("accuracy", 0.942, 0.944, "within tolerance"),
        ("accuracy", 0.942, 0.94, "within tolerance"),
        ("accuracy", 0.942, 0.9441, "better"),
        ("loss", 0.115, 0.104, "better"),
        ("loss", 0.104, 0.115, "worse"),
        ("loss", 0.1, 0.1, ""),
        ("loss", 1, 1.0, ""),
        ("loss", 0.1, math.inf, "worse"),
        ("loss", math.nan, math.nan, ""),
        ("loss", 0.1, math.nan, "worse"),
        ("latency", 90, 95, "within tolerance"),
        ("latency", 90, 99, ""),
        ("unruled", 0, 1, ""),
    ],
)
def test_mark(metric: str, old: float, new: float, mark: str) -> None:
    assert POLICY.mark(metric, old, new) == mark


def test_a_metric_without_a_rule_has_none() -> None:
    assert POLICY.rule("unruled") is None
    assert POLICY.rule("loss") == Rule(goal="min")


PATTERNS = Policy(
    (
        ("val.*", Rule("max")),
        ("val.loss", Rule("min")),
        ("*.loss", Rule("min", tolerance=1)),
        ("mAP[0.5]", Rule("max", min=1)),
    )
)


@pytest.mark.parametrize(
    ("metric", "rule"),
    [
        ("val.f1", 0),
        ("val.a.b\nc", 0),
        ("val.loss", 1),
        ("val.my.loss", 0),
        ("test.loss", 2),
        ("mAP[0.5]", 3),
        ("mAP0", None),
        ("val", None),
        ("validation", None),
        ("loss", None),
    ],
)
def test_the_exact_name_wins_and_then_the_first_pattern(metric: str, rule: int | None) -> None:
    assert PATTERNS.position(metric) == rule
    assert PATTERNS.rule(metric) == (None if rule is None else PATTERNS.rules[rule][1])


def test_metrics_come_in_the_order_of_their_rules() -> None:
    names = ["z", "test.loss", "val.loss", "val.b", "a", "val.a"]

    assert PATTERNS.ordered(names) == ["val.b", "val.a", "val.loss", "test.loss", "z", "a"]
    assert Policy().ordered(names) == names


@pytest.mark.parametrize(
    ("old", "new", "mark"),
    [
        (3.0, 3.3, "within tolerance"),
        (-3.0, -3.3, "within tolerance"),
        (3.0, 3.31, "better"),
        (0.0, 0.01, "within tolerance"),
        (0.0, 0.011, "better"),
        (math.inf, 1.0, "worse"),
        (math.inf, math.nan, "worse"),
        (math.nan, 1.0, "better"),
        (10**400, 10**400 + 1, "within tolerance"),
    ],
)
def test_the_wider_of_two_tolerances_counts(old: float, new: float, mark: str) -> None:
    policy = Policy((("f1", Rule("max", tolerance=0.01, relative_tolerance=0.1)),))

    assert policy.mark("f1", old, new) == mark


@given(old=st.floats(), new=st.floats(), goal=st.sampled_from(["max", "min"]))
def test_what_is_better_one_way_is_worse_the_other(
    old: float, new: float, goal: Literal["max", "min"]
) -> None:
    policy = Policy((("m", Rule(goal, tolerance=0.5)),))
    opposite = {"better": "worse", "worse": "better"}

    there, back = policy.mark("m", old, new), policy.mark("m", new, old)

    assert back == opposite.get(there, there)


@given(old=st.floats(), new=st.floats())
def test_what_is_better_did_not_drop(old: float, new: float) -> None:
    rule = Rule("max")

    mark = Policy((("m", rule),)).mark("m", old, new)

    assert mark == {1: "worse", 0: "", -1: "better"}[_sign(rule.drop(old, new))]


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
