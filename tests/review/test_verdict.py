from __future__ import annotations

from gitexp.comparison.diff import Side
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Documents
from gitexp.model.values import Value
from gitexp.review.judged import Verdict
from gitexp.review.verdict import judge

POLICY = Policy(
    (
        ("accuracy", Rule("max", tolerance=0.002, min=0.9, max_drop=0.01)),
        ("loss", Rule("min", max=1, max_relative_drop=0.1)),
        ("val.*", Rule("max")),
    )
)


def side(label: str, metrics: Documents) -> Side:
    return Side(label, {}, metrics, {}, None)


def judged(old: dict[str, Value], new: dict[str, Value], policy: Policy = POLICY) -> Verdict:
    return judge(side("main", {"m.json": old}), side("HEAD", {"m.json": new}), policy)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {metric.change.name: metric.outcome for metric in verdict.metrics}


def test_a_fall_that_is_too_far_is_a_no_with_numbers() -> None:
    verdict = judged({"accuracy": 0.942}, {"accuracy": 0.929})

    assert outcomes(verdict) == {"accuracy": "worse"}
    assert not verdict.passed
    assert verdict.reasons == ("accuracy fell by 0.013, more than the 0.01 allowed",)
