"""The names of points, few enough not to be printed over one another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gitexp.plots.chart import Points

_WIDE, _HIGH = 0.25, 0.05
"""How much of a picture a name takes, of its width and its height."""


def names_on_front(chart: Points) -> Mapping[int, str]:
    """Return the names on a front by their points, those at one place as one.

    >>> chart = Points("", "x", "y", ("a", "b", "c"), (1, 1, 9), (2.0, 2.0, 8.0), front=(0, 1, 2))
    >>> dict(names_on_front(chart))
    {0: 'a and 1 more', 2: 'c'}
    """
    across = _shares([_number(one) for one in chart.x], is_log="x" in chart.log)
    up = _shares(chart.y, is_log="y" in chart.log)
    here: dict[int, list[int]] = {}
    for at in chart.front:
        near = (
            one
            for one in here
            if abs(across[one] - across[at]) < _WIDE and abs(up[one] - up[at]) < _HIGH
        )
        here.setdefault(next(near, at), []).append(at)
    return {
        at: chart.labels[at] + (f" and {len(some) - 1} more" if len(some) > 1 else "")
        for at, some in here.items()
    }


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0.0


def _shares(values: Sequence[float], *, is_log: bool) -> list[float]:
    """Return where values lie between the least and the largest, from 0 to 1."""
    if is_log:
        values = [math.log(one) if one > 0 else 0.0 for one in values]
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = high / 2 - low / 2 or 1.0  # the whole may be infinite
    return [(one / 2 - low / 2) / span for one in values]
