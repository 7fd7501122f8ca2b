"""Patterns of `like`, `ilike` and `~` as regular expressions."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from gitexp.comparison.query.expression import Match
from gitexp.comparison.query.patience import PATIENCE

_PART = re.compile(r"\\(.)|_|%+|.", re.DOTALL)


def pattern_of(match: Match) -> re.Pattern[str]:
    """Return the regular expression to search for; raise `re.error` if it is not one."""
    return _compiled(match.kind, match.pattern)


def is_found(match: Match, text: str) -> bool:
    """Return whether a text has the pattern; under a limit, false once that is reached."""
    limit = PATIENCE.get()
    if limit is None or match.kind != "regex":
        return bool(pattern_of(match).search(text))
    return limit.search(match.pattern, text)


@lru_cache(maxsize=128)
def _compiled(kind: str, pattern: str) -> re.Pattern[str]:
    if kind != "regex":
        flags = re.DOTALL | (re.IGNORECASE if kind == "ilike" else 0)
        return re.compile(_translated(pattern), flags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sets that may mean something else one day
        return re.compile(pattern)


def _translated(pattern: str) -> str:
    """Return what `like` means; the first place that fits a part between two `%` is kept.

    So it takes no longer than the text times the pattern: looking ahead for a group and then asking
    for what that found is never tried twice.
    """
    parts = [""]
    for found in _PART.finditer(pattern):
        if found[0][0] == "%":
            parts.append("")
        else:
            parts[-1] += "." if found[0] == "_" else re.escape(found[1] or found[0])
    first, *between = parts
    if not between:
        return rf"\A{first}\Z"
    last = between.pop()
    kept = "".join(f"(?=(?P<p{at}>.*?{part}))(?P=p{at})" for at, part in enumerate(between) if part)
    return rf"\A{first}{kept}.*{last}\Z"
