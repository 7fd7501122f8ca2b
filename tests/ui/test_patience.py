"""Patterns that are searched for no longer than a limit."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace

from gitexp.comparison.query.expression import Column, Match
from gitexp.comparison.query.patterns import is_found
from gitexp.errors import GitexpError
from gitexp.ui import patience
from gitexp.ui.patience import Limited, TakesTooLong, limited

TEXTS = ("", "brave-otter", "train.py --lr 0.1", "É", "a\nb", "a[")


@pytest.mark.parametrize("pattern", ["^b", "o+t", r"\d\.\d", "(?i)é", "a.b", "[[x]", r"(.)\1", "$"])
def test_under_a_limit_the_same_is_found(pattern: str) -> None:
    pytest.importorskip("regex", reason="regex is not installed")
    match = Match(Column("attribute", "name"), pattern, "regex")
    alone = [is_found(match, text) for text in TEXTS]

    with limited(60):
        assert [is_found(match, text) for text in TEXTS] == alone


def test_once_the_time_is_over_nothing_is_found_and_the_end_says_so() -> None:
    pytest.importorskip("regex", reason="regex is not installed")
    match = Match(Column("attribute", "name"), "a", "regex")
    found = []

    def ask() -> None:
        with limited(1e-9):
            is_found(match, "a")
            found.extend([is_found(match, "a"), is_found(replace(match, kind="like"), "a")])

    with pytest.raises(TakesTooLong, match="the pattern of `~` takes longer than 1e-09 seconds"):
        ask()
    assert found == [False, True]
    assert is_found(match, "a")


def test_without_the_library_a_page_has_no_such_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "regex", None)
    patience._compiled.cache_clear()

    with pytest.raises(GitexpError, match="`~` needs 'regex' on a page"):
        Limited(60).check_pattern("a")
