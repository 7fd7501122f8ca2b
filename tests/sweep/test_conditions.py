"""Conditions on the axes of a space, in the query language."""

from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.model.values import Value
from gitexp.sweep.conditions import admits, applies, check_conditions
from gitexp.sweep.space import Axis, Choices, Space

ONE = Choices((1,))
AXES = (Axis("model", ONE), Axis("rf.trees", ONE), Axis("lr", ONE, when="model = rf"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("model = rf", True),
        ("model = 'rf' and trees < 20", True),
        ("model in (svm, nb)", False),
        ("not model like 'r%'", False),
        ("lr is null", True),
        ("lr > 0 or rf.trees = 10", True),
    ],
)
def test_words_that_name_no_axis_are_texts(condition: str, expected: bool) -> None:
    values: dict[str, Value] = {"model": "rf", "rf.trees": 10}

    assert admits(Space(AXES, such_that=condition), values) is expected


def test_an_axis_applies_by_the_axes_before_it() -> None:
    names = Space(AXES).names

    assert applies(AXES[2], names, {"model": "rf"})
    assert not applies(AXES[2], names, {"model": "svm"})
    assert not applies(AXES[2], names, {})


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (Space(AXES, such_that="metrics.loss < 1"), "'metrics.loss' is a metric"),
        (Space(AXES, such_that="status = done"), "'status' is an attribute of runs"),
        (Space(AXES, such_that="(models = rf)"), "no axis 'models' to decide by"),
        (Space(AXES, such_that="lr >"), "expected a name or a value, found the end"),
        (Space((AXES[2], AXES[0])), "no axis 'model' to decide by"),
        (Space((Axis("a", ONE, when="a = 1"),)), "no axis 'a' to decide by"),
    ],
)
def test_a_condition_on_something_else_is_refused(space: Space, message: str) -> None:
    with pytest.raises(GitexpError) as refused:
        check_conditions(space)

    assert str(refused.value).startswith(message)
