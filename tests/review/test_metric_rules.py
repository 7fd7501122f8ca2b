from __future__ import annotations

import pytest

from gitexp.comparison.changes import Side
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Documents
from gitexp.model.values import Value
from gitexp.review.judged import JudgedRule
from gitexp.review.verdict import judge

NAN, INF = float("nan"), float("inf")
MAX_DROP = Rule("max", max_drop=0.01)
MIN_DROP = Rule("min", max_drop=0.01)
RELATIVE = Rule("max", max_relative_drop=0.1)


def rules(
    old: Documents, new: Documents, policy: Policy | Rule, name: str = "m"
) -> tuple[JudgedRule, ...]:
    chosen = policy if isinstance(policy, Policy) else Policy(((name, policy),))
    return judge(Side("A", {}, old, {}, None), Side("B", {}, new, {}, None), chosen).rules


@pytest.mark.parametrize(
    ("value", "rule", "kept", "words"),
    [
        (0.95, Rule(min=0.9), True, "m is 0.95, at least 0.9"),
        (0.9, Rule(min=0.9), True, "m is 0.9, at least 0.9"),
        (0.88, Rule(min=0.9), False, "m is 0.88, less than the 0.9 demanded"),
        (0.899999999, Rule(min=0.9), False, "m is 0.899999999, less than the 0.9 demanded"),
        (2, Rule(max=3), True, "m is 2, at most 3"),
        (4, Rule(max=3), False, "m is 4, more than the 3 allowed"),
        (INF, Rule(max=3), False, "m is inf, more than the 3 allowed"),
        (INF, Rule(min=3), True, "m is inf, at least 3"),
        (10**400, Rule(max=3.5), False, f"m is {10**400}, more than the 3.5 allowed"),
        (NAN, Rule(min=3), False, "m is nan, but must be at least 3"),
        (NAN, Rule(max=3), False, "m is nan, but must be at most 3"),
        (None, Rule(min=3), False, "m is null, but must be at least 3"),
        ("high", Rule(min=3), False, 'm is "high", but must be at least 3'),
        (True, Rule(max=3), False, "m is true, but must be at most 3"),
    ],
)
def test_bounds(value: Value, rule: Rule, kept: bool, words: str) -> None:
    [found] = rules({}, {"f.json": {"m": value}}, rule)

    assert (found.subject, found.file, found.kept, found.words) == ("m", "f.json", kept, words)


@pytest.mark.parametrize(
    ("old", "new", "rule", "kept", "words"),
    [
        (0.95, 0.96, MAX_DROP, True, "m did not fall"),
        (0.95, 0.95, MAX_DROP, True, "m did not fall"),
        (0.95, 0.94, MAX_DROP, True, "m fell by 0.01, no more than the 0.01 allowed"),
        (0.95, 0.93, MAX_DROP, False, "m fell by 0.02, more than the 0.01 allowed"),
        (0.95, 0.9399999999, MAX_DROP, False, "m fell by 0.0100000001, more than the 0.01 allowed"),
        (0.1, 0.05, MIN_DROP, True, "m did not rise"),
        (0.1, 0.3, MIN_DROP, False, "m rose by 0.2, more than the 0.01 allowed"),
        (0.95, 0.93, Rule("max", max_drop=0), False, "m fell by 0.02, more than the 0 allowed"),
        (
            0.95,
            0.93,
            Rule("max", tolerance=0.05, max_drop=0.01),
            True,
            "m fell by 0.02, which is within the tolerance",
        ),
        (0.9, NAN, MAX_DROP, False, "m fell from 0.9 to nan, more than the 0.01 allowed"),
        (NAN, 0.9, MAX_DROP, True, "m did not fall"),
        (NAN, NAN, MAX_DROP, True, "m did not fall"),
        (0.9, -INF, MAX_DROP, False, "m fell from 0.9 to -inf, more than the 0.01 allowed"),
        (INF, 0.9, MAX_DROP, False, "m fell from inf to 0.9, more than the 0.01 allowed"),
        (0.9, None, MAX_DROP, False, "m is null, and was 0.9"),
        (0.9, "low", RELATIVE, False, 'm is "low", and was 0.9'),
        (1.0, 1.1, RELATIVE, True, "m did not fall"),
        (
            1.0,
            0.9,
            RELATIVE,
            True,
            "m fell by 0.1, which is 10 % of what it was, no more than the 10 % allowed",
        ),
        (
            -1.0,
            -1.2,
            RELATIVE,
            False,
            "m fell by 0.2, which is 20 % of what it was, more than the 10 % allowed",
        ),
        (0.0, -0.1, RELATIVE, False, "m fell from 0.0 to -0.1, more than the 10 % allowed"),
        (INF, 0.9, RELATIVE, False, "m fell from inf to 0.9, more than the 10 % allowed"),
        (10**400, 0, MIN_DROP, True, "m did not rise"),
        (0, 10**400, MIN_DROP, False, f"m rose by {10**400}, more than the 0.01 allowed"),
        (
            10**400,
            10**400 - 1,
            RELATIVE,
            True,
            "m fell by 1, which is 0 % of what it was, no more than the 10 % allowed",
        ),
    ],
)
def test_drops(old: Value, new: Value, rule: Rule, kept: bool, words: str) -> None:
    [found] = rules({"f.json": {"m": old}}, {"f.json": {"m": new}}, rule)

    assert (found.kept, found.words) == (kept, words)


@pytest.mark.parametrize("old", [None, "low", False])
def test_what_was_no_number_cannot_have_dropped(old: Value) -> None:
    assert rules({"f.json": {"m": old}}, {"f.json": {"m": 1}}, MAX_DROP) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "found"),
    [
        ({}, {}, Rule(required=True), [(False, "m is missing")]),
        ({"m": 1}, {}, Rule(required=True), [(False, "m is missing; it was 1")]),
        ({"m": 1}, {"m": None}, Rule(required=True), [(False, "m is null")]),
        ({}, {"m": "text"}, Rule(required=True), [(True, "m is there")]),
        ({"m": 0.9}, {}, Rule(min=0.5), [(False, "m is missing; it was 0.9")]),
        ({"m": 0.9}, {}, Rule("max", max_drop=0.5), [(False, "m is missing; it was 0.9")]),
        ({"m": 0.9}, {}, Rule("max"), []),
        ({"m": 0.9}, {}, Rule(min=0.5, required=False), []),
        ({}, {}, Rule(min=0.5), []),
    ],
)
def test_presence(
    old: dict[str, Value], new: dict[str, Value], rule: Rule, found: list[tuple[bool, str]]
) -> None:
    judged = rules({"f.json": old}, {"f.json": new}, rule)

    assert [(one.kept, one.words) for one in judged] == found


def test_a_metric_may_move_to_another_file() -> None:
    old: Documents = {"a.json": {"m": 1, "x": 1}, "b.json": {"y": 1}}
    new: Documents = {"a.json": {"x": 1}, "b.json": {"y": 1, "m": 1}}

    [found] = rules(old, new, Rule(required=True))

    assert (found.kept, found.file) == (True, "b.json")


def test_what_did_not_move_fell_by_nothing() -> None:
    [found] = rules({"f.json": {"m": 0.9}}, {"f.json": {"m": 0.9}}, Rule("max", max_drop=0.1))

    assert str(found.found) == "0.0"


def test_null_in_one_file_does_not_hide_the_value_in_another() -> None:
    [found] = rules({}, {"a.json": {"m": None}, "b.json": {"m": 1}}, Rule(required=True))

    assert (found.kept, found.found, found.file) == (True, 1, "b.json")


def test_a_required_pattern_asks_for_one_metric_and_for_all_that_were_there() -> None:
    policy = Policy((("val.*", Rule(required=True)),))
    old: Documents = {"f.json": {"val": {"a": 1, "b": 2}}}

    assert [one.words for one in rules({}, {}, policy)] == ["no metric is called val.*"]
    assert [one.words for one in rules(old, {"f.json": {"val": {"a": 1}}}, policy)] == [
        "val.a is there",
        "val.b is missing; it was 2",
    ]


def test_rules_come_in_the_order_of_the_policy_and_each_metric_has_one() -> None:
    policy = Policy((("*.loss", Rule(max=1)), ("val.loss", Rule(max=2)), ("acc", Rule(min=0))))
    new: Documents = {"f.json": {"acc": 1, "val": {"loss": 1.5}, "test": {"loss": 0.5}}}

    assert [(one.subject, one.limit) for one in rules({}, new, policy)] == [
        ("test.loss", 1),
        ("val.loss", 2),
        ("acc", 0),
    ]


def test_long_values_are_cut_in_words() -> None:
    [found] = rules({}, {"f.json": {"m": "x" * 100}}, Rule(min=0))

    assert found.words == f'm is "{"x" * 38}…, but must be at least 0'
    assert found.found == "x" * 100
