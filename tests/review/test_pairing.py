from __future__ import annotations

from gitexp.model.record import Documents
from gitexp.review.pairing import renamed_files


def test_files_that_stayed_are_not_renamed() -> None:
    assert renamed_files({"a": {"x": 1}, "b": {"x": 1}}, {"a": {"x": 1}}) == {}


def test_half_of_the_names_is_too_few() -> None:
    assert renamed_files({"a": {"x": 1, "y": 1}}, {"b": {"x": 1, "z": 1}}) == {}
    assert renamed_files({"a": {"x": 1, "y": 1}}, {"b": {"x": 1}}) == {"a": "b"}


def test_each_file_goes_with_the_one_that_shares_most() -> None:
    old: Documents = {"a": {"x": 1, "y": 1}, "b": {"x": 1, "y": 1, "z": 1}}
    new: Documents = {"c": {"x": 1, "y": 1, "z": 1}, "d": {"x": 1, "y": 1}}

    assert renamed_files(old, new) == {"a": "d", "b": "c"}


def test_equals_go_by_name() -> None:
    old: Documents = {"b": {"x": 1}, "a": {"x": 1}}
    new: Documents = {"d": {"x": 1}, "c": {"x": 1}}

    assert renamed_files(old, new) == {"a": "c", "b": "d"}


def test_empty_files_say_nothing() -> None:
    assert renamed_files({"a": {}}, {"b": {}}) == {}
