from __future__ import annotations

import pytest

from gitexp.model.change_rules import Budget, ChangeRules
from gitexp.model.policy import Policy, Rule
from gitexp.review.loosened import loosened_changes, loosened_rules


def rules(old: dict[str, Rule], new: dict[str, Rule], *metrics: str) -> list[str]:
    before, after = (Policy(tuple(each.items())) for each in (old, new))
    return list(loosened_rules(before, after, metrics))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (Rule(min=0.9), Rule(min=0.8), "min 0.9 → 0.8"),
        (Rule(max=1), Rule(), "max 1 is gone"),
        (Rule("max", max_drop=0.01), Rule("max", max_drop=0.5), "max_drop 0.01 → 0.5"),
        (
            Rule("max", max_relative_drop=0.02),
            Rule("max", max_relative_drop=0.05),
            "max_relative_drop 2 % → 5 %",
        ),
        (Rule("max"), Rule("min"), "goal max → min"),
        (Rule("max"), Rule(), "goal max is gone"),
        (Rule("max"), Rule("max", tolerance=0.5), "tolerance 0.0 → 0.5"),
        (Rule(required=True), Rule(), "required is gone"),
        (Rule(min=1), Rule(min=1, required=False), "required → false"),
    ],
)
def test_what_a_rule_demands_less_is_named(old: Rule, new: Rule, words: str) -> None:
    assert rules({"f1": old}, {"f1": new}) == [f"looser: f1: {words}"]
    assert rules({"f1": new}, {"f1": old}) in ([], ["looser: f1: goal min → max"])


def test_a_rule_that_is_gone_takes_all_of_its_demands_with_it() -> None:
    assert rules({"f1": Rule("max", min=0.9, required=True)}, {}) == [
        "looser: f1: goal max is gone, min 0.9 is gone, required is gone"
    ]
    assert rules({"f1": Rule(min=0.9)}, {"*": Rule(min=0.95)}) == []
    assert rules({"test.*": Rule(min=0.9)}, {}, "test.f1") == ["looser: test.*: min 0.9 is gone"]


def test_a_rule_of_its_own_may_free_a_metric_from_that_of_a_pattern() -> None:
    old = {"test.*": Rule(min=0.9)}

    assert rules(old, {**old, "test.f1": Rule("max")}, "test.f1", "test.auc") == [
        "looser: test.f1: min 0.9 is gone"
    ]


def test_a_rule_for_one_file_may_free_a_metric_from_that_of_every_file() -> None:
    old, own = {"f1": Rule(min=0.9)}, {"m.json:f1": Rule(min=0.5)}
    words = ["looser: m.json:f1: min 0.9 → 0.5"]

    assert rules(old, {**old, **own}) == words
    assert rules(old, {**old, "m*:f1": Rule(min=0.5)}, "f1", "m.json:f1") == words
    assert rules({**old, **own}, old) == []


def test_what_may_change_and_grow_more_is_named() -> None:
    old = ChangeRules(
        code="forbidden",
        data="forbidden",
        sizes=(
            ("*.pt", Budget(1_000_000, 0.2)),
            ("*.csv", Budget(max_growth_bytes=5_000_000)),
            ("*.bin", Budget(1_000)),
        ),
    )
    new = ChangeRules(
        code="noted",
        data="forbidden",
        sizes=(
            ("*.pt", Budget(2_000_000, 0.5)),
            ("*.csv", Budget(max_growth_bytes=9_000_000)),
        ),
    )

    assert list(loosened_changes(old, new)) == [
        "looser: code forbidden → noted",
        "looser: *.pt: max_size 1.0 MB → 2.0 MB, max_growth 20 % → 50 %",
        "looser: *.csv: max_growth 5.0 MB → 9.0 MB",
        "looser: *.bin: max_size 1.0 kB is gone",
    ]
    assert list(loosened_changes(ChangeRules(), ChangeRules(data="forbidden"))) == []
