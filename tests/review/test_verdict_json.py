from __future__ import annotations

import pytest

from gitexp.comparison.changes import Side
from gitexp.model.policy import Policy, Rule
from gitexp.model.values import dumps, loads
from gitexp.review.statistics import compare
from gitexp.review.verdict import judge
from gitexp.review.verdict_json import verdict_data


def test_a_verdict_is_whole_in_json() -> None:
    old = Side("main", {}, {"m.json": {"accuracy": 0.942, "gone": None}}, {}, None)
    new = Side("HEAD", {}, {"m.json": {"accuracy": 0.929, "n": 1}}, {}, None)
    policy = Policy((("accuracy", Rule("max", max_drop=0.01)),))

    data = verdict_data(judge(old, new, policy))

    assert data == {
        "old": "main",
        "new": "HEAD",
        "passed": False,
        "reasons": ["accuracy fell by 0.013, more than the 0.01 allowed"],
        "notes": [],
        "metrics": [
            {
                "name": "accuracy",
                "file": "m.json",
                "old": 0.942,
                "new": 0.929,
                "diff": -0.013,
                "outcome": "worse",
            },
            {"name": "gone", "file": "m.json", "old": None, "diff": None, "outcome": "missing"},
            {"name": "n", "file": "m.json", "new": 1, "diff": None, "outcome": "new"},
        ],
        "rules": [
            {
                "subject": "accuracy",
                "file": "m.json",
                "demand": "max_drop",
                "kept": False,
                "limit": 0.01,
                "found": 0.013,
                "words": "accuracy fell by 0.013, more than the 0.01 allowed",
            }
        ],
    }
    assert loads(dumps(data)) == data


def test_repeats_stand_beside_their_metric() -> None:
    old = Side("main", {}, {"m.json": {"accuracy": 1.0}}, {}, None)
    new = Side("HEAD", {}, {"m.json": {"accuracy": 3.0}}, {}, None)

    data = verdict_data(
        judge(old, new, Policy(), samples={("m.json", "accuracy"): compare([1, 3], [3, 5])})
    )

    assert data["metrics"][0]["repeats"] == {
        "old": {"values": [1.0, 3.0], "mean": 2.0, "standard_deviation": pytest.approx(2**0.5)},
        "new": {"values": [3.0, 5.0], "mean": 4.0, "standard_deviation": pytest.approx(2**0.5)},
        "test": "welch",
        "t": pytest.approx(2**0.5),
        "degrees_of_freedom": pytest.approx(2),
        "p": pytest.approx(0.2929, abs=1e-4),
        "noise": True,
    }
