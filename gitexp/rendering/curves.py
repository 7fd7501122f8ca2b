"""Curves among words: a row for each, with what it came to and a line of block characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitexp.comparison.ranking import natural_direction
from gitexp.model.numbers import number_text
from gitexp.model.policy import Policy
from gitexp.rendering.course import drawn
from gitexp.rendering.short_names import short_names
from gitexp.rendering.table import BLANK, Column, Table
from gitexp.series.series import Series

TITLE = "Curves"
_SYSTEM = ("system/", "system.")
"""What the machine did, which has a table of its own."""
_MOST = 30
_COLUMNS = (
    Column("curve", "name", least=12, by_its_end=True),
    Column("last", "value"),
    Column("lowest", "value", rank=2),
    Column("highest", "value", rank=2),
    Column("steps", "value", rank=3),
    Column("course", "course", head="", rank=1, limit=0, shortest=8),
)
_LOWEST, _HIGHEST = 2, 3
"""Where these stand among the columns."""
_SHORTEST, _LONGEST = 8, 24
"""Characters of a line beside a name and a value."""


def shown_keys(series: Mapping[str, Series], policy: Policy) -> list[str]:
    """Return the curves that people look at: those of the policy first, none of the machine."""
    keys = [key for key in series if not key.startswith(_SYSTEM)]
    return sorted(keys, key=lambda key: _place(key, policy))


def _place(key: str, policy: Policy) -> int:
    found = policy.position(key)
    found = policy.position(_dotted(key)) if found is None else found
    return len(policy.rules) if found is None else found


def _dotted(key: str) -> str:
    """Return a key as a policy spells it: frameworks log `val/loss`."""
    return key.replace("/", ".")


def curves_table(
    series: Mapping[str, Series], policy: Policy, counts: Mapping[str, int] | None = None
) -> Table | None:
    """Return a row for each curve, the best value of one with a goal marked; None without any.

    `counts` says how many steps were logged of a curve, where it has been thinned since.
    """
    keys = shown_keys(series, policy)[:_MOST]
    rows, best = [], set()
    for at, key in enumerate(keys):
        one = series[key].summary
        low, high = (BLANK if value is None else value for value in (one.min, one.max))
        steps = (counts or {}).get(key, one.count)
        rows.append((key, one.last, low, high, steps, series[key].values))
        if better := natural_direction(policy, key) or natural_direction(policy, _dotted(key)):
            best.add((at, _LOWEST if better == "asc" else _HIGHEST))
    if not rows:
        return None
    return Table(_COLUMNS, rows, TITLE, header=True, best=frozenset(best))


def curve_lines(series: Mapping[str, Series], policy: Policy, width: int, most: int) -> list[str]:
    """Return a line for each of the first curves, no wider than the width: name, value, course.

    >>> loss = Series("val/loss", [0, 1, 2], [3.0, 2.0, 1.0])
    >>> curve_lines({"val/loss": loss}, Policy(), 40, 4)
    ['loss   1.0   █▅▁']
    """
    keys = shown_keys(series, policy)[:most]
    names = short_names(keys)
    texts = [number_text(series[key].last) for key in keys]
    wide, long = (max(map(len, some), default=0) for some in (names, texts))
    room = min(width - wide - long - 6, _LONGEST)
    lines = [f"{name.ljust(wide)}   {text.ljust(long)}" for name, text in _pairs(names, texts)]
    if room < _SHORTEST:
        return [line.rstrip() for line in lines]
    courses = (drawn(series[key].values, room) for key in keys)
    return [f"{line}   {course}" for line, course in _pairs(lines, list(courses))]


def _pairs(some: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(some, others, strict=True))


def summaries(series: Mapping[str, Series]) -> dict[str, dict[str, object]]:
    """Return what each curve came to, for programs."""
    found = {key: one.summary for key, one in series.items() if not key.startswith(_SYSTEM)}
    return {
        key: {
            "count": one.count,
            "step": one.step,
            "last": one.last,
            "min": one.min,
            "min_step": one.min_step,
            "max": one.max,
            "max_step": one.max_step,
        }
        for key, one in found.items()
    }
