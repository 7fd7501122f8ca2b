from __future__ import annotations

import math

import pytest

from gitexp.model.documents.changes import (
    ABSENT,
    Act,
    Change,
    differences,
    index_in,
    lookup,
)
from gitexp.model.identical import identical
from gitexp.model.values import Value

ADD, REPLACE, REMOVE = Act.ADD, Act.REPLACE, Act.REMOVE


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": math.nan}, {"a": math.nan}, []),
        ({"a": 1}, {"a": 1.0}, [Change(REPLACE, ("a",), 1.0)]),
        ({"a": 1}, {"a": True}, [Change(REPLACE, ("a",), True)]),
        ({"a": 1}, {}, [Change(REMOVE, ("a",))]),
        ({}, {"a": None}, [Change(ADD, ("a",), None)]),
        ({"a": {"b": 1}}, {"a": {}}, [Change(REPLACE, ("a",), {})]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Change(REPLACE, ("a", "b"), 2)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [Change(REPLACE, ("a", "1"), 3)]),
        ({"a": [1, 2, 3]}, {"a": [1, 3]}, [Change(REMOVE, ("a", "1"))]),
        ({"a": [1]}, {"a": [1, 2]}, [Change(ADD, ("a", "1"), 2)]),
        ({"a": [1]}, {"a": [2, 1]}, [Change(REPLACE, ("a",), [2, 1])]),
        ({"a": [1]}, {"a": []}, [Change(REPLACE, ("a",), [])]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [Change(REPLACE, ("a", "0", "b"), 2)]),
        ({"a": [0] * 30}, {"a": [1] * 30}, [Change(REPLACE, ("a",), [1] * 30)]),
    ],
)
def test_differences_are_as_small_as_they_can_be(
    old: Value, new: Value, changes: list[Change]
) -> None:
    assert list(differences(old, new)) == changes


def test_lookup_tells_absent_from_null() -> None:
    document: Value = {"a": None, "list": [{"b": 1}]}

    assert lookup(document, ("a",)) is None
    assert lookup(document, ("b",)) is ABSENT
    assert lookup(document, ("list", "0", "b")) == 1
    assert lookup(document, ("list", "1")) is ABSENT
    assert lookup(document, ("a", "b")) is ABSENT


@pytest.mark.parametrize(
    ("part", "index"),
    [("0", 0), ("1", 1), ("2", None), ("01", None), ("-1", None), ("²", None), ("x", None)],
)
def test_an_index_is_a_plain_number_inside_the_list(part: str, index: int | None) -> None:
    assert index_in(["a", "b"], part) == index


def test_identical_values_are_of_the_same_types() -> None:
    assert identical({"a": [1, math.nan]}, {"a": [1, math.nan]})
    assert not identical([1], [1.0])
    assert not identical({"a": 1}, {"b": 1})
    assert not identical(None, ABSENT)
