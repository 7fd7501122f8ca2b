from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.values import (
    Value,
    dumps,
    embeddable,
    flatten,
    loads,
    same,
    without_long_lists,
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
keys = st.text() | st.sampled_from(["$float", "$$float", "$$$float", "float", "a$float"])
values: st.SearchStrategy[Value] = st.recursive(
    scalars | st.sampled_from(["nan", "inf", "-inf"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is not strict JSON")


@given(values, st.booleans())
def test_what_is_dumped_as_strict_json_loads_as_the_same_value(value: Value, compact: bool) -> None:
    text = dumps(value, compact=compact)

    json.loads(text, parse_constant=refuse)
    assert same(loads(text), value)
    assert same(loads(text.encode()), value)


@given(values)
def test_a_value_keeps_its_types_through_json(value: Value) -> None:
    assert repr(loads(dumps(value))) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, '{"$float":"nan"}'),
        ([math.inf, -math.inf], '[{"$float":"inf"},{"$float":"-inf"}]'),
        ({"$float": "nan"}, '{"$$float":"nan"}'),
        ({"$$float": 1}, '{"$$$float":1}'),
        ({"$float": math.nan}, '{"$$float":{"$float":"nan"}}'),
        ({"$float": 1, "other": 2}, '{"$float":1,"other":2}'),
        ({"b": 1, "a": (1, 2)}, '{"b":1,"a":[1,2]}'),
        ("naïve", '"naïve"'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_json_of_odd_values(value: Value, text: str) -> None:
    assert dumps(value) == text


def test_json_for_people_is_indented() -> None:
    assert dumps({"lr": 0.1, "$float": [math.nan]}, compact=False) == (
        '{\n  "lr": 0.1,\n  "$float": [\n    {\n      "$float": "nan"\n    }\n  ]\n}'
    )


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "", "\xff", "[" * 200_000])
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


def test_a_float_mapping_of_another_tool_is_left_alone() -> None:
    assert loads('[{"$float":"big"},{"$float":[1]}]') == [{"$float": "big"}, {"$float": [1]}]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (math.nan, math.nan, True),
        ([1, {"a": math.nan}], [1, {"a": float("nan")}], True),
        (1, 1.0, True),
        (1, True, False),
        (0.0, False, False),
        ([1], [True], False),
        (True, True, True),
        (None, False, False),
        (None, None, True),
        ("1", 1, False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (2**53 + 1, float(2**53), False),
        ({}, [], False),
        (math.nan, 1.0, False),
    ],
)
def test_same(left: Value, right: Value, expected: bool) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected


@given(values)
def test_a_value_is_the_same_as_itself(value: Value) -> None:
    assert same(value, value)


def test_flat_names_are_joined_by_dots() -> None:
    nested: dict[str, Value] = {
        "lr": 0.1,
        "model": {"name": "mlp", "layers": [{"units": 3}], "extra": {}},
        "val/loss": None,
        "odd.key": {"": 1},
    }

    assert flatten(nested) == {
        "lr": 0.1,
        "model.name": "mlp",
        "model.layers": [{"units": 3}],
        "model.extra": {},
        "val/loss": None,
        "odd.key.": 1,
    }


def test_the_later_of_two_equal_flat_names_counts() -> None:
    assert flatten({"a.b": 1, "a": {"b": 2}}) == {"a.b": 2}
    assert flatten({"a": {"b": 2}, "a.b": 1}) == {"a.b": 1}


def test_lists_above_the_limit_are_left_out_and_named() -> None:
    curve: list[Value] = [0.5] * 101
    document: dict[str, Value] = {
        "accuracy": 0.9,
        "curve": curve,
        "train": {"loss": curve, "short": [0.5] * 100},
    }

    kept, dropped = without_long_lists(document)

    assert kept == {"accuracy": 0.9, "train": {"short": [0.5] * 100}}
    assert dropped == ["curve", "train.loss"]


def test_values_in_nested_lists_count() -> None:
    row: list[Value] = [1] * 10
    matrix: list[Value] = [row] * 11
    points: list[Value] = [{"x": 1, "y": 2, "z": {}}] * 34

    assert not embeddable(matrix)
    assert not embeddable(points)
    assert embeddable(matrix[:10])
    assert not embeddable([[]] * 101)
    assert embeddable({"a": 1})
