"""Patterns mean what git's documentation, and pathspec, say they mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from gitexp.model.patterns import Patterns

WORDS = st.sampled_from(["a", "b", "out", "m.pt", ".pt", "x.json", "README.md", "README"])
PATHS = st.lists(WORDS, min_size=1, max_size=4).map("/".join)
LINES = st.one_of(
    WORDS,
    WORDS.map("{}/".format),
    PATHS.map("/{}".format),
    PATHS.map("/{}/".format),
    PATHS,
    st.sampled_from(["*.pt", "*.json", "/README*", "/o*", "*", "a*t", "**/out", "out/**", "!b"]),
)


@given(st.lists(LINES, min_size=1, max_size=3), PATHS)
def test_plain_lines_match_as_pathspec_says(lines: list[str], path: str) -> None:
    assert Patterns(lines).match(path) == GitIgnoreSpec.from_lines(lines).match_file(path)


@given(st.lists(LINES, min_size=1, max_size=3), PATHS)
def test_folders_are_found_as_pathspec_finds_them(lines: list[str], path: str) -> None:
    spec = GitIgnoreSpec.from_lines(lines)
    parts = path.split("/")
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]

    expected = next((folder for folder in above if spec.match_file(f"{folder}/")), None)

    assert Patterns(lines).folder_of(path) == expected


@given(st.lists(LINES, min_size=1, max_size=3), PATHS, PATHS)
def test_a_folder_that_is_not_reached_holds_no_match(
    lines: list[str], folder: str, name: str
) -> None:
    patterns = Patterns([line for line in lines if not line.startswith("!")])

    if not patterns.reaches_below(folder) and not patterns.folder_of(f"{folder}/{name}"):
        assert not patterns.match(f"{folder}/{name}")
