from __future__ import annotations

import math

import pytest

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
