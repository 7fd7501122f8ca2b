"""Curves with fewer points that look the same.

By largest-triangle-three-buckets: S. Steinarsson, Downsampling Time Series for Visual
Representation, University of Iceland, 2013. It keeps points as they were measured, the first and
the last among them, and makes none up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gitexp.series.series import Series
from gitexp.series.tables import write_tables

_FEWEST = 10
"""Points of a curve, however many curves there are."""
_ATTEMPTS = 8
_SHORT = 100
"""Points of a curve that is not worth halving."""


def thinned_tables(series: Mapping[str, Series], most: int, size: int) -> dict[str, str]:
    """Return tables of at most so many bytes, if that can be; fewer than 10 points say nothing.

    `size` is that of the whole tables.
    """
    points = max((len(one.steps) for one in series.values()), default=0)
    tables: dict[str, str] = {}
    for _ in range(_ATTEMPTS):
        points = max(_FEWEST, int(points * min(1.0, 0.95 * most / size)))
        tables = write_tables({key: thinned(one, points) for key, one in series.items()})
        size = sum(len(text.encode()) for text in tables.values())
        if size <= most or points <= _FEWEST:
            break
    return tables


def thinned(series: Series, most: int) -> Series:
    """Return a curve with at most so many points, three at least; NaN and infinities go.

    >>> line = Series("x", [0, 1, 2, 3, 4], [0.0, 0.1, 5.0, 0.1, 0.0])
    >>> thinned(line, 3).values
    [0.0, 5.0, 0.0]
    """
    finite = [at for at, value in enumerate(series.values) if math.isfinite(value)]
    if len(series.steps) <= most or not finite:
        return series
    kept = [finite[at] for at in _chosen(series, finite, max(3, most))]
    times = None if series.times is None else [series.times[at] for at in kept]
    return Series(
        series.key, [series.steps[at] for at in kept], [series.values[at] for at in kept], times
    )


def _chosen(series: Series, finite: list[int], most: int) -> list[int]:
    """Return which of the points stay: of each bucket the one that makes the largest triangle.

    Its corners are the point that was chosen before and the mean of the next bucket.
    """
    count = len(finite)
    if count <= most:
        return [*range(count)]
    x = [float(series.steps[at]) for at in finite]
    y = [float(series.values[at]) for at in finite]
    width = (count - 2) / (most - 2)
    kept = [0]
    for bucket in range(most - 2):
        start, end = int(bucket * width) + 1, int((bucket + 1) * width) + 1
        after = min(int((bucket + 2) * width) + 1, count)
        mean_x = sum(x[end:after]) / (after - end)
        mean_y = sum(y[end:after]) / (after - end)
        from_x, from_y = x[kept[-1]], y[kept[-1]]
        along, up = from_x - mean_x, mean_y - from_y
        best, largest = start, -1.0
        for at in range(start, end):
            area = abs(along * (y[at] - from_y) - (from_x - x[at]) * up)
            if area > largest:
                best, largest = at, area
        kept.append(best)
    kept.append(count - 1)
    return kept


def halved(values: Sequence[float]) -> list[int]:
    """Return which of many values stay: the first, the last, and the peaks of four in a row.

    So the lowest and the highest value stay, however often it is done.

    >>> values = [float(at % 7) for at in range(1000)]
    >>> found = [values[at] for at in halved(values)]
    >>> len(found), min(found), max(found), found[-1]
    (502, 0.0, 6.0, 5.0)
    """
    last = len(values) - 1
    if last < _SHORT:
        return [*range(len(values))]
    kept = [0]
    for at in range(1, last, 4):
        four = range(at, min(at + 4, last))
        low = min(four, key=lambda one: _or(math.inf, values[one]))
        high = max(four, key=lambda one: _or(-math.inf, values[one]))
        kept += sorted({low, high})
    return [*kept, last]


def _or(other: float, value: float) -> float:
    return other if value != value else value  # noqa: PLR0124 - NaN
