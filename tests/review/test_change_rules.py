from __future__ import annotations

import pytest

from gitexp.comparison.changes import ABSENT, Change, CodeChange, DataChange, Diff
from gitexp.model.change_rules import Budget, ChangeRules
from gitexp.model.record import DataPointer
from gitexp.review.change_rules import judged_changes, judged_sizes

DATA = DataChange("data/a.csv", DataPointer("data/a.csv", "1"), DataPointer("data/a.csv", "2"))
MODEL = DataChange("m.pt", None, DataPointer("m.pt", "2", role="output"))
DIFF = Diff(
    "main",
    "HEAD",
    params=(Change("params.yaml", "lr", 0.1, 0.2), Change("other.yaml", "lr", 0.1, 0.2)),
    data=(DATA, MODEL),
    environment=tuple(Change("", name, "1", ABSENT) for name in ("a", "b", "c", "d", "e")),
    code=(CodeChange("train.py", "modified", 1, 1),),
)
NOTHING = Diff("main", "HEAD", environment=())


def test_by_default_data_and_environment_are_noted() -> None:
    assert judged_changes(DIFF, ChangeRules()) == (
        [],
        ["data changed: data/a.csv", "environment changed: a, b, c and 2 more"],
    )


def test_what_is_forbidden_breaks_a_rule_with_the_paths() -> None:
    rules, notes = judged_changes(
        DIFF, ChangeRules("forbidden", "forbidden", "forbidden", "forbidden")
    )

    assert [(rule.subject, rule.kept, rule.found) for rule in rules] == [
        ("params", False, ["lr"]),
        ("data", False, ["data/a.csv"]),
        ("environment", False, ["a", "b", "c", "d", "e"]),
        ("code", False, ["train.py"]),
    ]
    assert rules[1].words == "data changed: data/a.csv, which the policy forbids"
    assert notes == []


def test_data_that_is_called_a_model_now_is_data_all_the_same() -> None:
    called = DataChange(
        "a.csv", DataPointer("a.csv", "1"), DataPointer("a.csv", "2", role="output")
    )
    diff = Diff("main", "HEAD", data=(called,))

    [rule], _ = judged_changes(diff, ChangeRules(data="forbidden"))

    assert rule.words == "data changed: a.csv, which the policy forbids"


def test_what_is_forbidden_and_did_not_change_is_kept() -> None:
    rules, notes = judged_changes(NOTHING, ChangeRules(data="forbidden"))

    assert [(rule.kept, rule.words) for rule in rules] == [(True, "data did not change")]
    assert notes == []


def test_an_environment_that_was_not_recorded_is_noted_where_it_matters() -> None:
    unknown = Diff("main", "HEAD")

    assert judged_changes(unknown, ChangeRules()) == ([], [])
    assert judged_changes(unknown, ChangeRules(environment="forbidden")) == (
        [],
        ["the environment of one side is not recorded, so it was not compared"],
    )


@pytest.mark.parametrize(
    ("budget", "old", "new", "found"),
    [
        (Budget(max_size=100), None, 100, [(True, "m.pt is 100 B, at most the 100 B allowed")]),
        (Budget(max_size=100), 50, 101, [(False, "m.pt is 101 B, more than the 100 B allowed")]),
        (
            Budget(max_growth=0.2),
            100,
            120,
            [(True, "m.pt grew by 20 %, no more than the 20 % allowed")],
        ),
        (
            Budget(max_growth=0.2),
            1000,
            1201,
            [(False, "m.pt grew by 20.1 %, more than the 20 % allowed")],
        ),
        (Budget(max_growth=0.2), 100, 90, [(True, "m.pt did not grow")]),
        (
            Budget(max_growth=0.2),
            0,
            1,
            [(False, "m.pt grew by 1 B, more than the 0 B allowed")],
        ),
        (Budget(max_growth=0.2), 0, 0, [(True, "m.pt did not grow")]),
        (
            Budget(max_growth_bytes=10),
            100,
            111,
            [(False, "m.pt grew by 11 B, more than the 10 B allowed")],
        ),
        (Budget(max_growth_bytes=10), 100, 99, [(True, "m.pt did not grow")]),
        (Budget(max_growth=0.2), None, 120, []),
        (Budget(10, 0.2, 10), 100, None, []),
        (Budget(), 100, 120, []),
    ],
)
def test_budgets(
    budget: Budget, old: int | None, new: int | None, found: list[tuple[bool, str]]
) -> None:
    change = DataChange("m.pt", DataPointer("m.pt", "1", old), DataPointer("m.pt", "2", new))

    judged = judged_sizes([change], ChangeRules(sizes=(("*.pt", budget),)))

    assert [(rule.kept, rule.words) for rule in judged] == found


def test_the_first_budget_that_matches_counts_and_what_came_or_went_did_not_grow() -> None:
    one = DataPointer("a/m.pt", "1", 10)
    rules = ChangeRules(
        sizes=(("a/", Budget(max_growth=1.0)), ("*.pt", Budget(max_size=1)), ("b/", Budget()))
    )

    assert list(judged_sizes([DataChange("a/m.pt", None, one)], rules)) == []
    assert list(judged_sizes([DataChange("a/m.pt", one, None)], rules)) == []
    assert list(judged_sizes([DataChange("x.csv", one, one)], rules)) == []
