from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitexp.comparison.changes import CodeChange, Side
from gitexp.comparison.diff import diff_sides
from gitexp.model.change_rules import Budget, ChangeRules
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value
from gitexp.review.judged import Verdict
from gitexp.review.statistics import compare
from gitexp.review.verdict import judge, judge_alone

NAN, INF = float("nan"), float("inf")
POLICY = Policy(
    (
        ("accuracy", Rule("max", tolerance=0.002, min=0.9, max_drop=0.01)),
        ("loss", Rule("min", max=1, max_relative_drop=0.1)),
        ("val.*", Rule("max")),
    )
)
SIDE = Side("main", {}, {}, {}, None)


def side(label: str, metrics: Documents) -> Side:
    return replace(SIDE, label=label, metrics=metrics)


def judged(old: dict[str, Value], new: dict[str, Value], policy: Policy = POLICY) -> Verdict:
    return judge(side("main", {"m.json": old}), side("HEAD", {"m.json": new}), policy)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {metric.change.name: metric.outcome for metric in verdict.metrics}


def test_a_fall_that_is_too_far_is_a_no_with_numbers() -> None:
    verdict = judged({"accuracy": 0.942}, {"accuracy": 0.929})

    assert outcomes(verdict) == {"accuracy": "worse"}
    assert not verdict.passed
    assert verdict.reasons == ("accuracy fell by 0.013, more than the 0.01 allowed",)
    [broken] = verdict.broken
    assert (broken.subject, broken.demand, broken.limit, broken.found) == (
        "accuracy",
        "max_drop",
        0.01,
        0.013,
    )


def test_getting_worse_breaks_no_rule_by_itself() -> None:
    verdict = judged({"val": {"f1": 0.9}}, {"val": {"f1": 0.1}})

    assert outcomes(verdict) == {"val.f1": "worse"}
    assert verdict.passed
    assert verdict.reasons == ()


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (0.942, 0.961, "better"),
        (0.942, 0.939, "worse"),
        (0.942, 0.943, "within tolerance"),
        (0.942, 0.942, "unchanged"),
        (1, 1.0, "unchanged"),
        (0.942, NAN, "worse"),
        (NAN, 0.942, "better"),
        (NAN, NAN, "unchanged"),
        (0.942, INF, "better"),
        (0.942, -INF, "worse"),
        (0.942, None, "changed"),
        (None, None, "unchanged"),
        ("good", "bad", "changed"),
        ("good", 0.942, "changed"),
        (True, False, "changed"),
        ([1, 2], [1, 3], "changed"),
    ],
)
def test_what_becomes_of_a_metric(old: Value, new: Value, outcome: str) -> None:
    assert outcomes(judged({"accuracy": old}, {"accuracy": new})) == {"accuracy": outcome}


def test_metrics_that_come_and_go_are_told_and_without_a_goal_a_move_is_a_move() -> None:
    verdict = judged({"a": 1, "b": 1}, {"b": 2, "c": 1})

    assert outcomes(verdict) == {"a": "missing", "b": "changed", "c": "new"}
    assert verdict.counts == {"missing": 1, "changed": 1, "new": 1}
    assert verdict.passed


def test_metrics_come_in_the_order_of_the_policy() -> None:
    values: dict[str, Value] = {"a": 1, "val": {"b": 1, "a": 1}, "loss": 1, "accuracy": 1}

    verdict = judged(values, values)

    assert list(outcomes(verdict)) == ["accuracy", "loss", "val.a", "val.b", "a"]


def test_each_file_is_judged_by_itself() -> None:
    old: Documents = {"a.json": {"accuracy": 0.95}, "b.json": {"accuracy": 0.95}}
    new: Documents = {"a.json": {"accuracy": 0.96}, "b.json": {"accuracy": 0.93}}

    verdict = judge(side("main", old), side("HEAD", new), POLICY)

    assert [(one.change.file, one.outcome) for one in verdict.metrics] == [
        ("a.json", "better"),
        ("b.json", "worse"),
    ]
    assert verdict.reasons == ("accuracy in b.json fell by 0.02, more than the 0.01 allowed",)


def test_what_a_file_that_cannot_be_read_may_hold_is_not_missing() -> None:
    old: Documents = {"a.json": {"accuracy": 0.95}, "b.json": {"loss": 0.1}}
    new: Documents = {"b.json": {"loss": 0.5}}
    policy = Policy((*POLICY.rules, ("f1", Rule(required=True))))

    verdict = judge(side("main", old), side("HEAD", new), policy, unread=["a.json"])

    assert verdict.reasons == (
        "loss rose by 0.4, which is 400 % of what it was, more than the 10 % allowed",
    )
    assert outcomes(verdict) == {"loss": "worse"}
    assert verdict.notes == ()
    alone = judge_alone(side("HEAD", new), policy, unread=["a.json"])
    assert (alone.reasons, alone.notes) == ((), ())


def test_rules_that_no_metric_of_either_side_has_are_noted() -> None:
    policy = Policy((("accuracy", Rule("max")), ("loss", Rule("min")), ("f1", Rule(min=0.5))))

    verdict = judged({"test": {"accuracy": 0.9}}, {"loss": 1}, policy)

    assert verdict.notes == (
        "policy: no metric is called 'accuracy'; did you mean 'test.accuracy'?",
        "policy: no metric is called 'f1'",
    )
    assert verdict.idle == verdict.notes
    assert verdict.passed
    nothing = judge_alone(side("HEAD", {}), policy)
    assert nothing.notes == ("policy: there are no metrics, so nothing was checked",)


def test_a_renamed_file_is_compared_with_what_it_was() -> None:
    old: Documents = {"metrics.json": {"accuracy": 0.95, "loss": 0.1}}
    new: Documents = {"out/metrics.json": {"accuracy": 0.96, "loss": 0.1, "n": 1}}

    verdict = judge(side("main", old), side("HEAD", new), POLICY)

    assert outcomes(verdict) == {"accuracy": "better", "loss": "unchanged", "n": "new"}
    assert verdict.notes[0] == "metrics.json is now out/metrics.json"
    assert verdict.passed


def test_a_metric_that_moved_to_another_file_is_compared_with_what_it_was() -> None:
    old: Documents = {"a.json": {"accuracy": 0.95, "x": [1], "y": 1}, "b.json": {"z": 1}}
    new: Documents = {"a.json": {"x": [1], "y": 1}, "b.json": {"z": 1, "accuracy": 0.91}}

    verdict = judge(side("main", old), side("HEAD", new), POLICY)

    assert outcomes(verdict) == {"accuracy": "worse", "x": "unchanged", "y": "unchanged"} | {
        "z": "unchanged"
    }
    assert verdict.notes[0] == "accuracy moved from a.json to b.json"
    assert verdict.reasons == ("accuracy fell by 0.04, more than the 0.01 allowed",)


def test_of_a_metric_in_two_files_neither_may_vanish() -> None:
    old: Documents = {"a.json": {"accuracy": 0.95}, "b.json": {"accuracy": 0.93, "z": 1}}
    new: Documents = {"a.json": {"accuracy": 0.95}, "b.json": {"z": 1}}

    verdict = judge(side("main", old), side("HEAD", new), POLICY)

    assert verdict.reasons == ("accuracy in b.json is missing; it was 0.93",)


def test_a_rule_for_the_metric_of_one_file_wins_over_that_of_every_file() -> None:
    file_rule = ("a.json:accuracy", Rule("max", min=0.95, max_drop=0.01))
    policy = Policy((file_rule, ("*", Rule("min")), ("accuracy", Rule("min", max=0.8))))
    old = side("main", {"a.json": {"accuracy": 0.9}, "b.json": {"accuracy": 0.7}})
    new = side("HEAD", {"a.json": {"accuracy": 0.8}, "b.json": {"accuracy": 0.6}})

    verdict = judge(old, new, policy)

    assert [one.outcome for one in verdict.metrics] == ["worse", "better"]
    assert [(rule.file, rule.kept, rule.words) for rule in verdict.rules] == [
        ("a.json", False, "accuracy in a.json is 0.8, less than the 0.95 demanded"),
        ("a.json", False, "accuracy in a.json fell by 0.1, more than the 0.01 allowed"),
        ("b.json", True, "accuracy in b.json is 0.6, at most 0.8"),
    ]
    assert verdict.notes == ()
    assert [one.mark for one in diff_sides(old, new, (), policy).metrics] == ["worse", "better"]


def test_what_is_required_of_one_file_is_not_missing_there() -> None:
    names = ("a.json:f1", "c.json:f1", "f1")
    policy = Policy(tuple((name, Rule(required=True)) for name in names))
    both: Documents = {"a.json": {"f1": 0.9}, "b.json": {"f1": 0.7}}

    assert [rule.words for rule in judge_alone(side("HEAD", both), policy).rules] == [
        "f1 in a.json is there",
        "c.json:f1 is missing",
        "f1 in b.json is there",
    ]
    alone = judge_alone(side("HEAD", {"a.json": {"f1": 0.9}}), policy)
    assert [rule.words for rule in alone.rules] == [
        "f1 is there",
        "c.json:f1 is missing",
        "f1 is there",
    ]


def test_repeats_are_told_apart_by_their_file() -> None:
    both = side("main", {"a.json": {"n": 1}, "b.json": {"n": 1}})
    moved = side("HEAD", {"a.json": {"n": 2}, "b.json": {"n": 2}})
    noisy, clear = compare([1, 2, 3], [2, 1, 3]), compare([1, 1, 1.1], [2, 2, 2.1])

    verdict = judge(both, moved, POLICY, samples={("a.json", "n"): noisy, ("b.json", "n"): clear})

    assert [one.outcome for one in verdict.metrics] == ["within noise", "changed"]


def test_noise_is_called_noise_and_rules_hold_all_the_same() -> None:
    samples = {("m.json", "accuracy"): compare([0.942, 0.93, 0.95], [0.929, 0.94, 0.948])}

    verdict = judge(
        side("main", {"m.json": {"accuracy": 0.942}}),
        side("HEAD", {"m.json": {"accuracy": 0.929}}),
        POLICY,
        samples=samples,
    )

    assert outcomes(verdict) == {"accuracy": "within noise"}
    assert verdict.metrics[0].comparison == samples["m.json", "accuracy"]
    assert verdict.reasons == ("accuracy fell by 0.013, more than the 0.01 allowed (within noise)",)


@pytest.mark.parametrize(
    ("new", "outcome"),
    [([0.97, 0.971, 0.972], "better"), ([0.93, 0.931, 0.932], "worse"), ([0.96], "better")],
)
def test_repeats_decide_by_their_means_what_a_single_value_cannot(
    new: list[float], outcome: str
) -> None:
    verdict = judge(
        side("main", {"m.json": {"accuracy": 0.942}}),
        side("HEAD", {"m.json": {"accuracy": 0.96}}),
        POLICY,
        samples={("m.json", "accuracy"): compare([0.95, 0.951, 0.952], new)},
    )

    assert outcomes(verdict) == {"accuracy": outcome}


def test_repeats_of_a_metric_without_a_goal_tell_a_change_from_noise() -> None:
    sides = side("main", {"m.json": {"n": 1}}), side("HEAD", {"m.json": {"n": 2}})

    moved = judge(*sides, POLICY, samples={("m.json", "n"): compare([1, 1, 1], [2, 2, 2])})
    noise = judge(*sides, POLICY, samples={("m.json", "n"): compare([1, 9, 1], [2, 2, 9])})

    assert (outcomes(moved), outcomes(noise)) == ({"n": "changed"}, {"n": "within noise"})


def test_what_else_changed_is_judged_with_the_metrics() -> None:
    old = replace(SIDE, pointers={"m.pt": DataPointer("m.pt", "1", 10, role="output")})
    new = replace(
        SIDE,
        label="HEAD",
        params={"params.yaml": {"lr": 0.1}},
        pointers={"m.pt": DataPointer("m.pt", "2", 30, role="output")},
    )
    rules = ChangeRules("forbidden", code="forbidden", sizes=(("*.pt", Budget(max_growth=1.0)),))

    code = (CodeChange("train.py", "modified", 1, 1),)
    verdict = judge(old, new, POLICY, rules, diff=diff_sides(old, new, code, POLICY))

    assert verdict.reasons == (
        "params changed: lr, which the policy forbids",
        "code changed: train.py, which the policy forbids",
        "m.pt grew by 200 %, more than the 100 % allowed",
    )


def test_one_revision_is_judged_by_what_needs_no_other() -> None:
    model = DataPointer("m.pt", "1", 3_000_000, role="output")
    alone = replace(
        SIDE, label="HEAD", metrics={"m.json": {"accuracy": 0.8}}, pointers={"m.pt": model}
    )
    rules = ChangeRules(data="forbidden", sizes=(("*.pt", Budget(2_000_000, 0.1)),))
    policy = Policy((*POLICY.rules, ("f1", Rule(required=True))))

    verdict = judge_alone(alone, policy, rules)

    assert (verdict.old, verdict.new, verdict.metrics) == (None, "HEAD", ())
    assert verdict.reasons == (
        "accuracy is 0.8, less than the 0.9 demanded",
        "f1 is missing",
        "m.pt is 3.0 MB, more than the 2.0 MB allowed",
    )


VALUES = st.one_of(
    st.floats(), st.integers(), st.none(), st.booleans(), st.text(max_size=3), st.just(0.5)
)
METRICS = st.dictionaries(
    st.sampled_from(["accuracy", "loss", "val.f1", "other"]), VALUES, max_size=4
)
DOCUMENTS = st.dictionaries(st.sampled_from(["a.json", "b.json", "c.json"]), METRICS, max_size=3)
DISTANCES = st.one_of(st.just(0.0), st.floats(0, 10))
RULES = st.builds(
    Rule,
    goal=st.sampled_from(["max", "min"]),
    tolerance=DISTANCES,
    relative_tolerance=DISTANCES,
    max_drop=st.one_of(st.none(), DISTANCES),
    max_relative_drop=st.one_of(st.none(), DISTANCES),
)


@given(documents=DOCUMENTS, rule=RULES)
def test_a_revision_differs_from_itself_in_nothing_and_breaks_no_rule_of_change(
    documents: dict[str, dict[str, Value]], rule: Rule
) -> None:
    policy = Policy((("*", rule),))

    verdict = judge(side("A", documents), side("A", documents), policy)

    assert {metric.outcome for metric in verdict.metrics} <= {"unchanged"}
    assert [one for one in verdict.broken if one.found is not None] == [
        one for one in verdict.broken if "not a number" in one.words
    ]


@given(old=METRICS, new=METRICS, rule=RULES)
def test_better_and_worse_change_places_with_the_sides(
    old: dict[str, Value], new: dict[str, Value], rule: Rule
) -> None:
    policy = Policy((("*", replace(rule, relative_tolerance=0.0)),))
    opposite = {"better": "worse", "worse": "better", "new": "missing", "missing": "new"}

    there, back = judged(old, new, policy), judged(new, old, policy)

    assert outcomes(back) == {
        name: opposite.get(outcome, outcome) for name, outcome in outcomes(there).items()
    }


@given(old=METRICS, new=METRICS, rule=RULES)
def test_what_got_better_has_not_dropped_and_no_is_said_with_reasons(
    old: dict[str, Value], new: dict[str, Value], rule: Rule
) -> None:
    verdict = judged(old, new, Policy((("*", rule),)))

    better = {one.change.name for one in verdict.metrics if one.outcome == "better"}
    assert better.isdisjoint(one.subject for one in verdict.broken)
    assert verdict.passed == (not verdict.reasons)
    assert sum(verdict.counts.values()) == len({*old, *new})


@pytest.mark.parametrize("goal", ["max", "min"])
def test_ten_thousand_metrics_are_judged_in_one_go(goal: Literal["max", "min"]) -> None:
    values: dict[str, Value] = {f"m{number}": number for number in range(10_000)}

    verdict = judged(values, {**values, "m7": 8}, Policy((("m*", Rule(goal, max_drop=0)),)))

    assert verdict.counts == {"better" if goal == "max" else "worse": 1, "unchanged": 9_999}
    assert verdict.passed == (goal == "max")
