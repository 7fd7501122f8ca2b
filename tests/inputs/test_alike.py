"""Which settings decide what runs are alike in."""

from __future__ import annotations

from gitexp.data.pipelines import Pipeline
from gitexp.inputs.alike import settings_text
from gitexp.model.change_rules import ChangeRules
from gitexp.model.paths import TopPath
from gitexp.model.policy import Policy, Rule
from gitexp.settings.config import Config


def test_sets_are_written_in_one_order_whatever_the_process() -> None:
    names = frozenset(TopPath(f"out-{number}") for number in range(9))

    text = settings_text(Config(), Pipeline(outs=names))

    places = [text.index(name) for name in sorted(names)]
    assert places == sorted(places)


def test_settings_that_decide_differ_and_others_do_not() -> None:
    text = settings_text(Config(), Pipeline())

    assert settings_text(Config(review=ChangeRules(seeds=("fold",))), Pipeline()) != text
    assert settings_text(Config(not_inputs=("docs/",)), Pipeline()) != text
    assert settings_text(Config(policy=Policy((("f1", Rule("max")),))), Pipeline()) == text
