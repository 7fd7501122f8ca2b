from __future__ import annotations

import math

import pytest

from gitexp.comparison.changes import ABSENT
from gitexp.rendering.cells import (
    percent_text,
    shortened,
    size_pair,
    told_apart,
    value_pair,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (ABSENT, "–"),
        (True, "true"),
        (0.1 + 0.2, "0.3"),
        (math.nan, "nan"),
        ("", '""'),
        (" a", '" a"'),
        ("a b", "a b"),
        ([], "[]"),
        ({}, "{}"),
        ([1, [None, "a"], {"b": False}], "[1, [null, a], {b: false}]"),
    ],
)
def test_value_text(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (1, "1", ("1", '"1"')),
        ("null", None, ('"null"', "null")),
        ([0.1], [0.100000000001], ("[0.1]", "[0.100000000001]")),
        ([1], "[1]", ("[1]", '"[1]"')),
        (0.30000001, 0.30000002, ("0.30000001", "0.30000002")),
        (ABSENT, "–", ("–", "–")),
        (True, 1, ("true", "1")),
    ],
)
def test_two_values_are_told_apart(old: object, new: object, texts: tuple[str, str]) -> None:
    assert value_pair(old, new) == texts


def test_long_values_are_cut_to_where_they_differ() -> None:
    start = "s3://bucket/a/very/long/path/"

    assert value_pair(f"{start}one/data.csv", f"{start}two/data.csv", 20) == (
        "…path/one/data.csv",
        "…path/two/data.csv",
    )
    assert value_pair("a" * 50, "b", 10) == ("aaaaaaaaa…", "b")
    assert value_pair("x" * 30, "x" * 31, 10) == ("…xx", "…xxx")


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.0202, "+2.0 %"),
        (-1.5, "-150.0 %"),
        (1e-9, "+1e-07 %"),
        (-0.0004, "-0.04 %"),
        (1e9, "+1e+11 %"),
        (0.0, "0.0 %"),
    ],
)
def test_percent_text(part: float, text: str) -> None:
    assert percent_text(part) == text


def test_sizes_that_differ_are_shown_so() -> None:
    assert size_pair(1_200_000, 2_300_000) == ("1.2 MB", "2.3 MB")
    assert size_pair(1_200_000, 1_200_001) == ("1200000 B", "1200001 B")
    assert size_pair(ABSENT, None) == ("–", "?")


def test_texts_are_told_apart_from_what_is_written_the_same() -> None:
    assert told_apart(1, "1") == (1, '"1"')
    assert told_apart("true", True) == ('"true"', True)
    assert told_apart("1", 2) == ("1", 2)
    assert told_apart("1", ABSENT) == ("1", ABSENT)
    assert told_apart("a", "b") == ("a", "b")


def test_shortened() -> None:
    assert [shortened("abcdef", limit) for limit in (0, 3, 6, 9)] == ["abcdef", "ab…"] + [
        "abcdef"
    ] * 2
