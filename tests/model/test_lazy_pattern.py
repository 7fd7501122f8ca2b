"""Regular expressions that are compiled when they are used."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from gitexp.model.lazy_pattern import lazy_pattern

_PATTERN = r"(?P<word>[a-z]+)-(\d+)"


def _said(answer: object) -> object:
    return (answer.span(), answer.groupdict()) if isinstance(answer, re.Match) else answer


def test_it_answers_as_the_pattern_does() -> None:
    lazy, wanted = lazy_pattern(_PATTERN, re.IGNORECASE), re.compile(_PATTERN, re.IGNORECASE)

    for text in ("Ab-17", "x ab-1 b-2", "ab", ""):
        for ask in ("match", "fullmatch", "search", "findall", "split"):
            assert _said(getattr(lazy, ask)(text)) == _said(getattr(wanted, ask)(text))
    assert lazy.sub(r"\2", "a-1 b-2") == "1 2"
    assert lazy.match("xa-1", 1) is not None
    assert (lazy.pattern, lazy.flags) == (wanted.pattern, wanted.flags)


def test_a_pattern_that_is_none_is_said_where_it_is_used() -> None:
    broken = lazy_pattern("(")
    with pytest.raises(re.error):
        broken.match("")


_COUNTED = """
import re, sys
compiled, at_once = [], re.compile
def spy(*asked):
    if sys._getframe(1).f_globals.get("__name__", "").startswith("gitexp."):
        compiled.append(asked)
    return at_once(*asked)
re.compile = spy
import gitexp.cli.commands.run, gitexp.cli.commands.diff
print(compiled)
"""


def test_the_commands_that_are_to_be_fast_compile_none_when_they_are_imported() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _COUNTED], capture_output=True, text=True, check=True
    )
    assert said.stdout == "[]\n"
