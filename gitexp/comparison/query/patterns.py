"""Patterns of `like`, `ilike` and `~` as regular expressions."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from gitexp.comparison.query.expression import Match

_LIKE = re.compile(r"\\(.)|%+|.", re.DOTALL)
_WILD = {"%": ".*", "_": "."}


def pattern_of(match: Match) -> re.Pattern[str]:
    """Return the regular expression to search for; raise `re.error` if it is not one."""
    return _compiled(match.kind, match.pattern)


@lru_cache(maxsize=128)
def _compiled(kind: str, pattern: str) -> re.Pattern[str]:
    if kind != "regex":
        flags = re.DOTALL | (re.IGNORECASE if kind == "ilike" else 0)
        return re.compile(rf"\A(?:{_LIKE.sub(_translated, pattern)})\Z", flags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sets that may mean something else one day
        return re.compile(pattern)


def _translated(found: re.Match[str]) -> str:
    return _WILD.get(found[0][0]) or re.escape(found[1] or found[0])
