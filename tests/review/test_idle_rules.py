from __future__ import annotations

import pytest

from gitexp.model.policy import Policy, Rule
from gitexp.review.idle_rules import idle_rules

NAMES = ("loss", "test.accuracy", "test.log_loss")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("accuracy", "test.accuracy"),
        ("test.acuracy", "test.accuracy"),
        ("val.accuracy", "test.accuracy"),
        ("tset.*", "test.*"),
        ("*.acuracy", "*.accuracy"),
        ("bleu", None),
        ("speed*", None),
    ],
)
def test_a_rule_that_no_metric_has_is_told_with_what_was_meant(
    name: str, meant: str | None
) -> None:
    words = f"policy: no metric is called '{name}'"

    found = list(idle_rules(Policy(((name, Rule(min=0.5)),)), NAMES))

    assert found == [words + (f"; did you mean '{meant}'?" if meant else "")]


@pytest.mark.parametrize("name", ["loss", "*loss", "test.*", "*"])
def test_a_rule_that_a_metric_has_is_not(name: str) -> None:
    rules = [(name, Rule(min=0.5)), ("loss", Rule("min")), ("test.log_loss", Rule("min"))]

    assert list(idle_rules(Policy(tuple(rules)), NAMES)) == []


@pytest.mark.parametrize("required", [True, False])
def test_what_is_required_is_told_elsewhere_and_what_is_not_may_be_lacking(required: bool) -> None:
    assert list(idle_rules(Policy((("f1", Rule(required=required)),)), NAMES)) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out/m.json:loss", []),
        ("out/*:loss", []),
        ("m.json:loss", ["no metric is called 'm.json:loss'; did you mean 'out/m.json:loss'?"]),
        ("out.*", ["no metric is called 'out.*'"]),
    ],
)
def test_a_rule_for_the_metric_of_one_file_is_met_by_that_alone(
    name: str, words: list[str]
) -> None:
    policy = Policy(((name, Rule(min=0.5)),))

    found = idle_rules(policy, ["loss"], ["out/m.json:loss", "out.json:loss"])

    assert list(found) == [f"policy: {one}" for one in words]
