from __future__ import annotations

from gitexp.comparison.changes import Side
from gitexp.model.policy import Policy, Rule
from gitexp.review.checks import (
    Check,
    Finding,
    check_data,
    freshness_findings,
    policy_findings,
)
from gitexp.review.freshness import Freshness
from gitexp.review.verdict import judge_alone


def test_a_check_passes_unless_an_mark_is_no() -> None:
    yes, note = Finding("files", "ok", "read"), Finding("data", "note", "away")

    assert Check("HEAD", (yes, note)).passed
    assert not Check("HEAD", (yes, Finding("policy", "wrong", "too low", "accuracy"))).passed


def test_each_rule_is_a_finding() -> None:
    side = Side("HEAD", {}, {"m.json": {"accuracy": 0.8, "loss": 1}}, {}, None)
    policy = Policy((("accuracy", Rule(min=0.9)), ("loss", Rule(max=1))))

    assert list(policy_findings(judge_alone(side, policy))) == [
        Finding("policy", "wrong", "accuracy is 0.8, less than the 0.9 demanded", "accuracy"),
        Finding("policy", "ok", "loss is 1, at most 1", "loss"),
    ]


def test_stale_metrics_are_to_be_made_again_and_extra_files_are_a_note() -> None:
    found = freshness_findings(
        [
            Freshness(("a.json",), "otter", extra=("notes.txt",), outputs=("model.pt",)),
            Freshness(("b.json",), "heron", paths=("train.py",), status="failed"),
            Freshness(("c.json",), None),
        ]
    )

    assert list(found) == [
        Finding("freshness", "ok", "a.json: the inputs are those of otter", "a.json"),
        Finding(
            "freshness", "note", "otter also had notes.txt, which git does not have here", "a.json"
        ),
        Finding("freshness", "note", "model.pt is not what otter wrote", "a.json"),
        Finding("freshness", "wrong", "train.py changed after heron; run again", "b.json"),
        Finding(
            "freshness",
            "note",
            "heron failed, so its metrics may not be its final ones",
            "b.json",
        ),
        Finding(
            "freshness",
            "wrong",
            "c.json: no recorded run has these metrics;"
            " run again, or `gitexp push` where it ran and `gitexp pull` here",
            "c.json",
        ),
    ]


def test_a_check_is_whole_in_json() -> None:
    check = Check("HEAD", (Finding("files", "ok", "read"), Finding("policy", "wrong", "low", "f1")))

    assert check_data(check) == {
        "rev": "HEAD",
        "passed": False,
        "findings": [
            {"check": "files", "mark": "ok", "subject": None, "words": "read"},
            {"check": "policy", "mark": "wrong", "subject": "f1", "words": "low"},
        ],
    }
