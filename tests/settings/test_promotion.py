"""The setting `promote`, read and refused."""

from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.model.policy import Rule
from gitexp.settings.parsing import parse_config


def test_a_stage_adds_to_what_every_promotion_demands() -> None:
    read = parse_config(
        b"promote:\n"
        b"  require: [verified]\n"
        b"  held_out.accuracy: {min: 0.9, max_drop: 0.01}\n"
        b"  push: true\n"
        b"  stages:\n"
        b"    prod: {require: reviewed, held_out.accuracy: {min: 0.95}, loss: {max: 1}}\n"
    ).promote

    assert read.push
    assert read.of("").require == ("verified",)
    assert read.of("").metrics.rules == (
        ("held_out.accuracy", Rule("max", min=0.9, max_drop=0.01, required=True)),
    )
    assert read.of("prod").require == ("verified", "reviewed")
    assert read.of("prod").metrics.rules == (
        ("held_out.accuracy", Rule("max", min=0.95, required=True)),
        ("loss", Rule("min", max=1, required=True)),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "promote: [verified]",
            (
                "gitexp.yaml, line 1: 'promote' must be a mapping with require, push, stages and"
                " rules for metrics"
            ),
        ),
        (
            "promote:\n  require: [tested]",
            (
                "gitexp.yaml, line 2: 'promote.require' must be verified, evaluated, reviewed "
                "or signed"
            ),
        ),
        ("promote:\n  push: 1", "gitexp.yaml, line 2: 'promote.push' must be true or false"),
        (
            "promote:\n  stages: {prod: high}",
            (
                "gitexp.yaml, line 2: 'promote.stages' must be a mapping from stages to what they"
                " demand"
            ),
        ),
        (
            "promote:\n  stages:\n    prod:\n      loss: {max_drop: 1}",
            (
                "gitexp.yaml, line 4: 'promote.stages.prod.loss.max_drop' needs a 'goal' beside it"
                " that says what is worse"
            ),
        ),
        (
            "promote:\n  loss: {least: 1}",
            "gitexp.yaml, line 2: unknown setting 'promote.loss.least'",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(content: str, said: str) -> None:
    with pytest.raises(GitexpError) as refused:
        parse_config(content.encode())

    assert str(refused.value) == said
