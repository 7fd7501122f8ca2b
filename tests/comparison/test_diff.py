from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.changes import ABSENT, Change, CodeChange, DataChange, Diff, Side
from gitexp.comparison.diff import diff_documents, diff_environments, diff_sides
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import DataPointer, Documents
from gitexp.model.values import Value

POLICY = Policy((("loss", Rule("min", tolerance=0.01)), ("accuracy", Rule("max"))))


def side(
    label: str = "side",
    params: Documents | None = None,
    metrics: Documents | None = None,
    pointers: Mapping[str, DataPointer] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Side:
    return Side(label, params or {}, metrics or {}, pointers or {}, environment)


def test_equal_sides_do_not_differ() -> None:
    one = side("a", {"p.yaml": {"lr": 0.1}}, {"m.json": {"loss": math.nan}}, environment={"a": "1"})
    other = side(
        "b", {"p.yaml": {"lr": 0.1}}, {"m.json": {"loss": math.nan}}, environment={"a": "1"}
    )

    diff = diff_sides(one, other, (), POLICY)

    assert diff == Diff("a", "b", environment=())
    assert not diff


def test_values_differ_by_flat_name_and_file() -> None:
    old: Documents = {
        "b.yaml": {"x": 1},
        "a.yaml": {"train": {"lr": 0.1, "seed": 1}, "m": {"a": 1}},
    }
    new: Documents = {"c.yaml": {"x": 1}, "a.yaml": {"train": {"lr": 0.2, "seed": 1.0}, "m": 5}}

    assert diff_documents(old, new) == (
        Change("a.yaml", "m", ABSENT, 5),
        Change("a.yaml", "m.a", 1, ABSENT),
        Change("a.yaml", "train.lr", 0.1, 0.2),
        Change("b.yaml", "x", 1, ABSENT),
        Change("c.yaml", "x", ABSENT, 1),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [(1, "1"), (1, True), (0, None), ([1], [1, 2]), ([1], 1), ("a", "b"), ({}, None), (0.1, 0.2)],
)
def test_values_of_another_type_differ(old: Value, new: Value) -> None:
    assert diff_documents({"p": {"x": old}}, {"p": {"x": new}}) == (Change("p", "x", old, new),)


def test_numbers_of_another_type_are_other_params_and_the_same_metrics() -> None:
    old: Documents = {"p": {"x": 1, "list": [1]}}
    new: Documents = {"p": {"x": 1.0, "list": [1.0]}}

    diff = diff_sides(side(params=old, metrics=old), side(params=new, metrics=new), (), POLICY)

    assert diff.params == (Change("p", "list", [1], [1.0]), Change("p", "x", 1, 1.0))
    assert diff.metrics == ()


def test_absent_is_not_null() -> None:
    assert diff_documents({"p": {"x": None}}, {"p": {}}) == (Change("p", "x", None, ABSENT),)


def test_metrics_are_judged_and_those_of_the_policy_come_first() -> None:
    old: Documents = {"m.json": {"accuracy": 0.9, "auc": 0.5, "loss": 0.1}}
    new: Documents = {"m.json": {"accuracy": 0.8, "auc": 0.6, "loss": 0.105}}

    diff = diff_sides(side(metrics=old), side(metrics=new), (), POLICY)

    assert [(change.name, change.mark) for change in diff.metrics] == [
        ("loss", "within tolerance"),
        ("accuracy", "worse"),
        ("auc", ""),
    ]


def test_params_are_not_judged() -> None:
    diff = diff_sides(
        side(params={"p.yaml": {"loss": 1}}), side(params={"p.yaml": {"loss": 2}}), (), POLICY
    )

    assert diff.params == (Change("p.yaml", "loss", 1, 2),)


def test_data_differ_by_their_content() -> None:
    kept, grown = DataPointer("kept", "k", 1), DataPointer("model", "new", 2)
    old = {"kept": kept, "model": DataPointer("model", "old", 2), "gone": DataPointer("gone", "g")}
    new = {"kept": DataPointer("kept", "k", None, role="output"), "model": grown, "added": kept}

    assert diff_sides(side(pointers=old), side(pointers=new), (), POLICY).data == (
        DataChange("added", None, kept),
        DataChange("gone", old["gone"], None),
        DataChange("model", old["model"], grown),
    )


def test_environments_differ_by_version_python_first() -> None:
    old = {"numpy": "1.26.4", "joblib": "1.4", "zlib": "1", "python": "3.10.1"}
    new = {"numpy": "2.0.0", "joblib": "1.4", "attrs": "24", "python": "3.11.7"}

    assert diff_environments(old, new) == (
        Change("", "python", "3.10.1", "3.11.7"),
        Change("", "attrs", ABSENT, "24"),
        Change("", "numpy", "1.26.4", "2.0.0"),
        Change("", "zlib", "1", ABSENT),
    )


@pytest.mark.parametrize(("old", "new"), [(None, {"a": "1"}), ({"a": "1"}, None), (None, None)])
def test_an_environment_that_was_not_recorded_is_not_compared(
    old: Mapping[str, str] | None, new: Mapping[str, str] | None
) -> None:
    diff = diff_sides(side(environment=old), side(environment=new), (), POLICY)

    assert diff.environment is None
    assert not diff


def test_code_is_listed_by_path() -> None:
    code = (CodeChange("b.py", "added", 1, 0), CodeChange("a.py", "modified", 1, 1))

    assert diff_sides(side(), side(), code, POLICY).code == (code[1], code[0])


def test_names_outside_the_policy_keep_their_order() -> None:
    assert POLICY.ordered(["z", "accuracy", "a", "loss"]) == ["loss", "accuracy", "z", "a"]


leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=2)
documents = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.dictionaries(st.text(max_size=2), leaves | st.lists(leaves, max_size=2), max_size=4),
)


@given(documents, documents)
def test_the_way_back_has_the_same_changes_turned_around(old: Documents, new: Documents) -> None:
    there = diff_documents(old, new)
    back = diff_documents(new, old)

    assert [(each.file, each.name) for each in there] == [(each.file, each.name) for each in back]
    for one, other in zip(there, back, strict=True):
        assert repr((one.old, one.new)) == repr((other.new, other.old))


@given(documents)
def test_nothing_differs_from_itself(values: Documents) -> None:
    assert diff_documents(values, values) == ()


def test_numbers_in_names_and_paths_count_as_numbers() -> None:
    names = [f"name_{number}" for number in (1, 2, 10, 11)]
    old: dict[str, Value] = dict.fromkeys(names, 1)
    new: dict[str, Value] = dict.fromkeys(names, 2)

    changes = diff_documents({"m.json": old}, {"m.json": new})

    assert [change.name for change in changes] == names
