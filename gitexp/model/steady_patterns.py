"""Lines of `.gitignore` as regular expressions that take no longer than the path times the line.

pathspec's own may try a place again and again, and a repository can hold any line. Of the parts
between two wildcards the first place that fits is the best one, and is the only one tried.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pathspec import GitIgnoreSpec

from gitexp.model.once import once

_STAR, _FOLDERS = "[^/]*", "(?:/.+)?"
"""What pathspec makes of `*`, and of `**` between two folders."""
_NEGATED = re.compile(r"(?<!\[)\[\^(?!/)")
"""`[!a]`, which matches no `/` for git."""


def spec_of(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return what the lines match; as for git, one that is malformed matches nothing."""
    return GitIgnoreSpec([one for line in lines for one in _patterns(line)])


def _patterns(line: str) -> Iterator[Any]:
    try:
        found = GitIgnoreSpec.from_lines([line]).patterns
    except (ValueError, re.error):
        return
    for one in found:
        if one.regex is not None:
            one.regex = re.compile(steady(one.regex.pattern))
        yield one


def steady(regex: str) -> str:
    """Return an expression that matches the same within its folders, and tries no place twice.

    >>> steady("^[^/]*a[^/]*b$")
    '^(?=(?P<k0>[^/]*?a))(?P=k0)[^/]*b$'
    """
    numbers = itertools.count()
    inside = _NEGATED.sub("[^/", regex)
    first, *rest = (_stars(part, numbers) for part in inside.split(_FOLDERS))
    if not rest:
        return first
    *between, last = rest
    kept = "".join(once(f"(?:/.+?)??{part}(?=/)", f"k{next(numbers)}") for part in between)
    return f"{first}{kept}{_FOLDERS}{last}"


def _stars(part: str, numbers: Iterator[int]) -> str:
    first, *between = part.split(_STAR)
    if not between:
        return first
    last = between.pop()
    kept = "".join(once(f"{_STAR}?{one}", f"k{next(numbers)}") for one in between)
    return f"{first}{kept}{_STAR}{last}"
