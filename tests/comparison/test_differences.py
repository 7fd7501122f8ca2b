"""What differs among several sides, and which is best."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT, CodeChange, Side
from gitexp.comparison.diff import diff_sides
from gitexp.comparison.differences import (
    CodeDifference,
    DataDifference,
    Difference,
    best_of,
    differences,
)
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer
from gitexp.model.values import Value

POLICY = Policy((("loss", Rule("min")), ("acc", Rule("max")), ("size", Rule(max=3))))


def side(
    label: str,
    params: dict[str, Value] | None = None,
    metrics: dict[str, Value] | None = None,
    pointers: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Side:
    data = {path: DataPointer(path, md5) for path, md5 in (pointers or {}).items()}
    return Side(label, {"p": params or {}}, {"m": metrics or {}}, data, environment)


def test_only_what_differs_is_there_the_metrics_of_the_policy_first() -> None:
    sides = [
        side("a", {"lr": 1, "seed": 1}, {"auc": 1, "acc": 0.5, "loss": 2.0}),
        side("b", {"lr": 2, "seed": 1}, {"auc": 2, "acc": 0.7, "loss": 2}),
        side("c", {"lr": 1, "seed": 1.0}, {"auc": 1, "acc": 0.6}),
    ]

    found = differences(sides, [(), ()], POLICY)

    assert found.labels == ("a", "b", "c")
    assert found.params == (
        Difference("p", "lr", (1, 2, 1)),
        Difference("p", "seed", (1, 1, 1.0)),  # which programs tell apart
    )
    assert found.metrics == (
        Difference("m", "loss", (2.0, 2, ABSENT), frozenset({0, 1})),
        Difference("m", "acc", (0.5, 0.7, 0.6), frozenset({1})),
        Difference("m", "auc", (1, 2, 1)),
    )


def test_null_is_not_absent_and_nan_equals_nan() -> None:
    sides = [side("a", {"x": None, "y": math.nan}), side("b", {"y": math.nan}), side("c")]

    [x, y] = differences(sides, [(), ()], POLICY).params

    assert x.values == (None, ABSENT, ABSENT)
    assert y.values[2] is ABSENT


@pytest.mark.parametrize(
    ("metric", "values", "best"),
    [
        ("acc", (1, 2, 2.0), {1, 2}),
        ("loss", (1, math.nan, -math.inf), {2}),
        ("acc", (1, None, "2"), set()),
        ("acc", (True, 1, 0), {1}),
        ("size", (1, 2, 3), set()),
        ("auc", (1, 2, 3), set()),
    ],
)
def test_the_best_is_judged_by_the_goal(
    metric: str, values: tuple[object, ...], best: set[int]
) -> None:
    assert best_of(values, POLICY, metric) == best


def test_pointers_differ_by_their_content() -> None:
    sides = [side("a", pointers={"x": "1", "y": "5"}), side("b", pointers={"x": "1"}), side("c")]

    found = differences(sides, [(), ()], POLICY).data

    assert found == (
        DataDifference("x", (DataPointer("x", "1"), DataPointer("x", "1"), None)),
        DataDifference("y", (DataPointer("y", "5"), None, None)),
    )


def test_environments_are_compared_where_they_were_recorded() -> None:
    known = [{"python": "3.11", "b": "1"}, None, {"python": "3.12", "b": "1", "a": "2"}]
    sides = [side(f"{at}", environment=packages) for at, packages in enumerate(known)]

    found = differences(sides, [(), ()], POLICY)

    assert found.environment == (
        Difference("", "python", ("3.11", ABSENT, "3.12")),
        Difference("", "a", (ABSENT, ABSENT, "2")),
    )
    assert found.without_environment == {1}
    assert differences(sides[:2], [()], POLICY).environment is None


def test_code_differs_from_the_first() -> None:
    changed, new = CodeChange("x.py", "modified", 1, 2), CodeChange("y.py", "added", 3, 0)

    found = differences([side("a"), side("b"), side("c")], [(changed,), (changed, new)], POLICY)

    assert found.code == (
        CodeDifference("x.py", (None, changed, changed)),
        CodeDifference("y.py", (None, None, new)),
    )


def test_equal_sides_do_not_differ() -> None:
    sides = [side("a", {"lr": 1}, {"acc": 1}), side("b", {"lr": 1}, {"acc": 1})]

    assert not differences(sides, [()], POLICY)


DOCUMENTS = st.dictionaries(st.sampled_from("abc"), st.none() | st.floats() | st.integers())


@given(DOCUMENTS, DOCUMENTS)
def test_two_sides_differ_in_what_the_diff_of_two_says(
    old: dict[str, Value], new: dict[str, Value]
) -> None:
    sides = side("a", old, new), side("b", new, old)

    several, two = differences(sides, [()], POLICY), diff_sides(*sides, (), POLICY)

    assert [one.name for one in several.params] == [one.name for one in two.params]
    assert [one.name for one in several.metrics] == [one.name for one in two.metrics]
