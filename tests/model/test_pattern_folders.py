"""Patterns asked once for a folder, against the same patterns asked for each file."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.model.pattern_folders import Within
from gitexp.model.patterns import Patterns

parts = st.sampled_from(["a", "b", "runs", "m.json", "x.pt", "a.b", "ü", "*"])
folders = st.lists(parts, max_size=3).map("/".join)
words = st.sampled_from(
    [
        "a",
        "b",
        "runs",
        "m.json",
        "*.pt",
        "*.json",
        "*",
        "r*",
        "*u*",
        "?",
        "a?b",
        "[ab]",
        "**",
        "a\\*",
    ]
)
lines = st.builds(
    lambda turned, start, inner, end: f"{turned}{start}{'/'.join(inner)}{end}",
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(words, min_size=1, max_size=3),
    st.sampled_from(["", "/", "/**", " ", "//"]),
)


@settings(max_examples=400)
@given(st.lists(st.one_of(lines, st.sampled_from(["", "# a", "/"])), max_size=4), folders, parts)
def test_a_file_that_matches_is_never_passed_over(some: list[str], folder: str, name: str) -> None:
    path = f"{folder}/{name}" if folder else name

    within = Within(some, folder)

    assert within.may_match(name) or not Patterns(some).match(path)


@settings(max_examples=200)
@given(st.lists(lines, min_size=1, max_size=3), folders, parts)
def test_a_folder_of_no_interest_has_no_file_that_matches(
    some: list[str], folder: str, name: str
) -> None:
    path = f"{folder}/{name}" if folder else name

    if Within(some, folder).is_none:
        assert not Patterns(some).match(path)


def test_a_folder_without_models_is_not_asked_file_by_file() -> None:
    lines = ["*.pt", "checkpoints/", "/runs/*/metrics.json", "/README*", "model"]

    assert not Within(lines, "src/app").may_match("train.py")
    assert Within(lines, "runs/7").may_match("metrics.json")
    assert not Within(lines, "runs/7/deep").may_match("metrics.json")
    assert not Within(lines, "src").may_match("README.md")
    assert Within(["/runs/*/metrics.json"], "src").is_none
    assert Within(lines, "src/checkpoints/7").is_all
