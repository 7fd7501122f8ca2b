"""Curves made easier to read, each way with the words that say what was done."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from gitexp.plots.chart import Curve
from gitexp.review.statistics import Sample

MOST_POINTS = 1000
"""How many points of a curve a picture has: more are not seen, and make it large."""


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential moving average, without a pull towards zero at the start.

    What is not finite stays as it is, and counts for nothing.

    >>> smoothed([1.0, 1.0, 1.0], 0.9), [round(one, 3) for one in smoothed([0.0, 1.0], 0.5)]
    ([1.0, 1.0, 1.0], [0.0, 0.667])
    """
    total, share, found = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            total = total * weight + value * (1 - weight)
            share = share * weight + (1 - weight)
            found.append(total / share)
        else:
            found.append(value)
    return found


def smooth(curve: Curve, weight: float) -> Curve:
    """Return the curve smoothed, with what it was."""
    return replace(curve, y=smoothed(curve.y, weight), raw=curve.y)


def mean_curve(label: str, curves: Sequence[Curve]) -> Curve:
    """Return the mean of repeats with a band of one standard deviation.

    Only the steps count that as many curves as possible have: so a repeat that ended early, or one
    that logged at other steps, does not bend the mean, and nothing is made up between two steps.

    >>> found = mean_curve("a", [Curve("", [0, 1], [1.0, 2.0]), Curve("", [0, 1], [3.0, 2.0])])
    >>> found.y, [round(one, 2) for one in found.low]
    ([2.0, 2.0], [0.59, 2.0])
    """
    at: dict[float, list[float]] = {}
    for curve in curves:
        for x, y in zip(curve.x, curve.y, strict=True):
            at.setdefault(x, []).append(y)
    most = max(map(len, at.values()), default=0)
    steps = sorted(x for x, values in at.items() if len(values) == most)
    samples = [Sample(tuple(at[x])) for x in steps]
    means = [one.mean for one in samples]
    spreads = [one.deviation or 0.0 for one in samples]
    return Curve(
        label,
        steps,
        means,
        low=[mean - spread for mean, spread in zip(means, spreads, strict=True)],
        high=[mean + spread for mean, spread in zip(means, spreads, strict=True)],
    )


def thinned(curve: Curve, most: int = MOST_POINTS) -> Curve:
    """Return at most about `most` points: of each stretch the first, lowest, highest and last.

    So no peak is lost, and the curve looks the same. The rest of the curve goes along.

    >>> long = Curve("a", list(range(5000)), [0.0] * 2500 + [9.0] + [0.0] * 2499)
    >>> len(thinned(long).x) <= 1000, max(thinned(long).y)
    (True, 9.0)
    """
    if len(curve.x) <= most:
        return curve
    size = math.ceil(len(curve.x) / (most // 4))
    kept: list[int] = []
    for start in range(0, len(curve.x), size):
        stretch = range(start, min(start + size, len(curve.x)))
        finite = [at for at in stretch if math.isfinite(curve.y[at])]
        ends = {stretch[0], stretch[-1]}
        if finite:
            ends |= {min(finite, key=curve.y.__getitem__), max(finite, key=curve.y.__getitem__)}
        kept += sorted(ends)

    def chosen(values: Sequence[float]) -> list[float]:
        return [values[at] for at in kept] if values else []

    parts = {name: chosen(getattr(curve, name)) for name in ("x", "y", "low", "high", "raw")}
    return replace(curve, **parts)
