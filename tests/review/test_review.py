from __future__ import annotations

from gitexp.comparison.changes import Diff, Side
from gitexp.comparison.diff import diff_sides
from gitexp.model.policy import Policy, Rule
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.review import Course, End, Review, main_metrics, review_data
from gitexp.review.verdict import judge

ENDS = End("base", "a" * 40), End("topic", "b" * 40)


def side(label: str, **metrics: float) -> Side:
    return Side(label, {}, {"metrics.json": {**metrics}}, {}, None)


def verdict(policy: Policy, old: float = 0.9, new: float = 0.8) -> Verdict:
    return judge(side("base", accuracy=old, n=1), side("topic", accuracy=new, n=2), policy)


def review(found: Verdict, *findings: Finding) -> Review:
    return Review("", *ENDS, found, Diff("base", "topic"), findings)


LIMITS = Policy((("accuracy", Rule("max", min=0.5, max_drop=0.01)),))


def test_a_broken_demand_is_a_no() -> None:
    found = review(verdict(LIMITS))

    assert not found.passed
    assert found.reasons == ("accuracy fell by 0.1, more than the 0.01 allowed",)
    assert found.summary == "not passed, for 1 reason; 1 metric is worse"


def test_what_is_wrong_with_the_head_is_a_no_and_a_note_is_none() -> None:
    stale = Finding("freshness", "wrong", "train.py changed after otter; run again")
    extra = Finding("freshness", "note", "otter also had notes.txt")
    fine = Finding("files", "ok", "all can be read")

    found = review(verdict(LIMITS, new=0.91), stale, extra, fine)

    assert not found.passed
    assert found.reasons == (stale.words,)
    assert found.notes == (extra.words,)
    assert review(verdict(LIMITS, new=0.91), extra, fine).passed


def test_the_summary_counts_demands_and_reasons() -> None:
    wrong = Finding("files", "wrong", "x")

    assert (
        review(verdict(LIMITS, new=0.91)).summary
        == "passed: all 2 demands are kept; 1 metric is better"
    )
    assert review(verdict(LIMITS), wrong).summary == "not passed, for 2 reasons; 1 metric is worse"
    one = Policy((("accuracy", Rule("max", min=0.5)),))
    assert review(verdict(one)).summary == "passed: the one demand is kept; 1 metric is worse"
    assert review(verdict(Policy())).summary == "passed: nothing is demanded of this change"


def test_the_metrics_of_the_policy_are_the_main_ones_else_those_that_moved() -> None:
    def main(found: Verdict, policy: Policy, most: int = 3) -> list[str]:
        return [one.name for one in main_metrics(found, policy, most)]

    assert main(verdict(LIMITS), LIMITS) == ["accuracy"]
    assert main(verdict(Policy()), Policy()) == ["accuracy", "n"]
    assert main(verdict(Policy(), new=0.9), Policy()) == ["n"]
    assert main(verdict(Policy()), Policy(), 1) == ["accuracy"]


def test_json_has_the_ends_the_runs_and_the_courses() -> None:
    old, new = side("base", accuracy=0.9), side("topic", accuracy=0.8)
    found = Review(
        "models/a",
        *ENDS,
        judge(old, new, LIMITS),
        diff_sides(old, new, (), LIMITS),
        runs=(Freshness(("metrics.json",), "otter", "k3j9d8s7f6"),),
        courses=lambda: (Course("accuracy", (0.9, 0.8), 0.9, 1),),
    )

    data = review_data(found, {"metrics": {}})

    assert data["project"] == "models/a"
    assert data["base"] == {"label": "base", "oid": "a" * 40}
    assert (data["passed"], data["reasons"]) == (False, list(found.reasons))
    assert data["diff"] == {"metrics": {}}
    assert data["runs"] == [
        {
            "files": ["metrics.json"],
            "name": "otter",
            "id": "k3j9d8s7f6",
            "fresh": True,
            "words": "metrics.json: the inputs are those of otter",
        }
    ]
    assert data["courses"] == [{"metric": "accuracy", "values": [0.9, 0.8], "base": 0.9, "at": 1}]
