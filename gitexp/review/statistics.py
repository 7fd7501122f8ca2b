"""Repeats of a run as a sample: mean, spread, and whether two samples differ by more than noise.

The test is Welch's, which does not suppose that both samples spread alike [1]. SciPy, where it
is installed, gives the p-value. Where it is not, t is held against the table of Student's
distribution [2] with the degrees of freedom rounded down, which at worst calls a little more
noise than SciPy would.

[1] B. L. Welch, "The generalization of 'Student's' problem when several different population
    variances are involved", Biometrika 34 (1947), 28-35.
[2] NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from gitexp.model.message import numbers_by_name
from gitexp.model.record import Documents

SIGNIFICANCE = 0.05
"""The p-value (of two tails) from which on a move may well be noise."""

_CRITICAL = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""The t that two tails of 5 % begin at, for 1 to 30 degrees of freedom."""


class Sample(Struct, frozen=True):
    """One metric over the repeats of a run, of which there is one at least."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean; NaN or an infinity where a value is."""
        return sum(self.values) / len(self.values)

    @property
    def deviation(self) -> float | None:
        """The standard deviation (of a sample: n - 1); None where nothing can be said of it.

        >>> Sample((1.0, 2.0, 3.0)).deviation, Sample((1.0,)).deviation
        (1.0, None)
        """
        if len(self.values) < 2 or not all(map(math.isfinite, self.values)):  # noqa: PLR2004
            return None
        return statistics.stdev(self.values)


class Comparison(Struct, frozen=True):
    """Two samples of one metric, held against each other."""

    old: Sample
    new: Sample
    test: Literal["welch"] | None = None
    """None where there are too few values for a test: one on a side, or one that is not finite."""
    t: float | None = None
    freedom: float | None = None
    """The degrees of freedom."""
    p: float | None = None
    """How likely such a move is by chance alone; None where SciPy is not installed."""
    noise: bool = False
    """Whether a test was made, and the move may well be chance."""


def compare(old: Iterable[float], new: Iterable[float]) -> Comparison:
    """Hold the repeats of one run against those of another.

    >>> compare([0.90, 0.92, 0.91], [0.91, 0.93, 0.92]).noise
    True
    >>> compare([0.90, 0.92, 0.91], [0.95, 0.97, 0.96]).noise
    False
    """
    left, right = Sample(tuple(map(_float, old))), Sample(tuple(map(_float, new)))
    if left.deviation is None or right.deviation is None:
        return Comparison(left, right)
    moved = right.mean - left.mean
    errors = (_error(left, left.deviation), _error(right, right.deviation))
    if not any(errors):  # no spread at all: any move is one
        return Comparison(left, right, "welch", noise=moved == 0)
    t = moved / math.hypot(*errors)
    freedom = _freedom(left, right, errors)
    p = _p(t, freedom)
    noise = abs(t) < _critical(freedom) if p is None else p >= SIGNIFICANCE
    return Comparison(left, right, "welch", t, freedom, p, noise)


def compare_repeats(old: Iterable[Documents], new: Iterable[Documents]) -> dict[str, Comparison]:
    """Compare each metric that repeats on both sides have, by its flat name.

    >>> list(compare_repeats([{"m.json": {"f1": 0.9, "n": "a"}}], [{"m.json": {"f1": 0.8}}]))
    ['f1']
    """
    sides = [[numbers_by_name(metrics) for metrics in side] for side in (old, new)]
    names = [dict.fromkeys(name for repeat in side for name in repeat) for side in sides]
    return {
        name: compare(*([repeat[name] for repeat in side if name in repeat] for side in sides))
        for name in names[0]
        if name in names[1]
    }


def _error(sample: Sample, deviation: float) -> float:
    """Return the standard error of a mean."""
    return deviation / math.sqrt(len(sample.values))


def _freedom(left: Sample, right: Sample, errors: tuple[float, float]) -> float:
    """Return the degrees of freedom by the Welch-Satterthwaite equation."""
    shares = [(error / math.hypot(*errors)) ** 4 for error in errors]
    counts = len(left.values) - 1, len(right.values) - 1
    return 1 / sum(share / count for share, count in zip(shares, counts, strict=True))


def _critical(freedom: float) -> float:
    return _CRITICAL[min(int(freedom), len(_CRITICAL)) - 1]


def _p(t: float, freedom: float) -> float | None:
    """Return the p-value of two tails, where SciPy is installed."""
    try:
        from scipy.special import stdtr  # noqa: PLC0415 - 0.1 s, and an extra
    except ImportError:
        return None
    return float(2 * stdtr(freedom, -abs(t)))


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond what a float can hold
        return math.inf if value > 0 else -math.inf
