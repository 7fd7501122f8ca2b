"""Repeats of a run as a sample: mean, spread, and whether two samples differ by more than noise.

The test is Welch's, which does not suppose that both samples spread alike [1]. SciPy, if it
is installed, gives the p-value. If it is not, t is held against the table of Student's
distribution [2] with the degrees of freedom rounded down, which at worst calls a little more
noise than SciPy would.

[1] B. L. Welch, "The generalization of 'Student's' problem when several different population
    variances are involved", Biometrika 34 (1947), 28-35.
[2] NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from gitexp.model.record import Documents
from gitexp.model.values import flatten, is_number

SIGNIFICANCE = 0.05
"""The p-value (of two tails) from which on a move may well be noise."""

_CRITICAL = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""The t that two tails of 5 % begin at, for 1 to 30 degrees of freedom."""
_EXACT = 2**53
"""Up to here a float holds every whole number."""


class Sample(Struct, frozen=True):
    """One metric over the repeats of a run, of which there is one at least."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean; NaN or an infinity if a value is.

        Whole numbers that are all the same stay one.

        >>> Sample((6, 6)).mean, Sample((5, 7)).mean
        (6, 6.0)
        """
        values, count = self._bounded, len(self.values)
        if all(isinstance(one, int) and one == values[0] for one in values):
            return values[0]
        total = sum(values)
        if _is_infinite(total) and all(map(math.isfinite, values)):
            return sum(value / count for value in values)  # the sum alone is too large
        return total / count

    @property
    def least(self) -> float:
        """The smallest value; NaN does not count unless there is nothing else."""
        return min(filter(_is_a_number, self._bounded), default=math.nan)

    @property
    def most(self) -> float:
        """The largest value, likewise."""
        return max(filter(_is_a_number, self._bounded), default=math.nan)

    @property
    def deviation(self) -> float | None:
        """The standard deviation (of a sample: n - 1); None if nothing can be said of it.

        >>> Sample((1.0, 2.0, 3.0)).deviation, Sample((1.0,)).deviation
        (1.0, None)
        """
        values = self._bounded
        if len(values) <= 1 or not all(map(math.isfinite, values)):
            return None
        return _deviation(values)

    @property
    def _bounded(self) -> tuple[float, ...]:
        """The values, infinite where a whole number is beyond what a float can hold."""
        return tuple(map(_bounded, self.values))


def _bounded(value: float) -> float:
    if -sys.float_info.max <= value <= sys.float_info.max or value != value:  # noqa: PLR0124 - NaN
        return value
    return math.copysign(math.inf, 1 if value > 0 else -1)


def _is_infinite(total: float) -> bool:
    return not -sys.float_info.max <= total <= sys.float_info.max and not math.isnan(total)


def _is_a_number(value: float) -> bool:
    return not math.isnan(value)


def _deviation(values: Sequence[float]) -> float:
    """Return the standard deviation, as exact as floats allow, and 0 only of values all the same.

    `statistics.stdev` counts in fractions, which takes fifty times as long.
    """
    moved = [value - values[0] for value in values]
    mean = math.fsum(moved) / len(moved)
    found = math.sqrt(math.fsum((one - mean) * (one - mean) for one in moved) / (len(moved) - 1))
    if math.isfinite(found) and (found or not any(moved)):
        return found
    import statistics  # noqa: PLC0415 - 8 ms, for what is too large or too small to be squared

    return statistics.stdev(values)


class Comparison(Struct, frozen=True):
    """Two samples of one metric, held against each other."""

    old: Sample
    new: Sample
    test: Literal["welch"] | None = None
    """None if there are too few values for a test: one on a side, or one that is not finite."""
    t: float | None = None
    freedom: float | None = None
    """The degrees of freedom."""
    p: float | None = None
    """How likely such a move is by chance alone; None if SciPy is not installed."""
    noise: bool = False
    """Whether a test was made, and the move may well be chance."""


def sample(values: Iterable[float]) -> Sample:
    """Return numbers as a sample, whole ones beyond every float as infinities."""
    return Sample(tuple(map(_float, values)))


def compare(old: Iterable[float], new: Iterable[float], *, exact_p: bool = True) -> Comparison:
    """Hold the repeats of one run against those of another.

    Without `exact_p` SciPy is asked only where the table leaves it open whether it is noise; the
    answer is the same.

    >>> compare([0.90, 0.92, 0.91], [0.91, 0.93, 0.92]).noise
    True
    >>> compare([0.90, 0.92, 0.91], [0.95, 0.97, 0.96]).noise
    False
    """
    left, right = sample(old), sample(new)
    if left.deviation is None or right.deviation is None:
        return Comparison(left, right)
    moved = right.mean - left.mean
    errors = (_error(left, left.deviation), _error(right, right.deviation))
    if not any(errors):  # no spread at all: any move is one
        return Comparison(left, right, "welch", noise=moved == 0)
    t = moved / math.hypot(*errors)
    freedom = _freedom(left, right, errors)
    least, most = _critical(freedom + 1), _critical(freedom)
    is_open = least <= abs(t) < most or freedom >= len(_CRITICAL)
    p = _p(t, freedom) if exact_p or is_open else None
    noise = abs(t) < most if p is None else p >= SIGNIFICANCE
    return Comparison(left, right, "welch", t, freedom, p, noise)


Samples: TypeAlias = "Mapping[tuple[str, str], Comparison]"
"""The repeats of both sides, by the file and the flat name that the new side has."""


def compare_repeats(old: Iterable[Documents], new: Iterable[Documents]) -> Samples:
    """Compare each metric that repeats on both sides have, file by file.

    A metric that is in one file on each side is the same, whatever the files are called.

    >>> list(compare_repeats([{"a.json": {"f1": 0.9, "n": "a"}}], [{"m.json": {"f1": 0.8}}]))
    [('m.json', 'f1')]
    """
    before, after = _numbers(old), _numbers(new)
    places: list[dict[str, list[tuple[str, str]]]] = [{}, {}]
    for side, found in zip(places, (before, after), strict=True):
        for key in found:
            side.setdefault(key[1], []).append(key)
    samples = {}
    for key, numbers in after.items():
        there = places[0].get(key[1], [])
        alone = len(there) == len(places[1][key[1]]) == 1
        origin = key if key in before else there[0] if alone else None
        if origin is not None:
            samples[key] = compare(before[origin], numbers)
    return samples


def _numbers(repeats: Iterable[Documents]) -> dict[tuple[str, str], list[float]]:
    """Return the numbers of all repeats by file and flat name."""
    found: dict[tuple[str, str], list[float]] = {}
    for metrics in repeats:
        for file, values in metrics.items():
            for name, value in flatten(values).items():
                if is_number(value):
                    found.setdefault((file, name), []).append(value)
    return found


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
    """Return the p-value of two tails, if SciPy is installed."""
    try:
        from scipy.special import stdtr  # noqa: PLC0415 - 250 ms, extra 'stats'
    except ImportError:
        return None
    return float(2 * stdtr(freedom, -abs(t)))


def _float(value: float) -> float:
    if isinstance(value, int) and abs(value) <= _EXACT:
        return value  # a count of 6 is not 6.0
    try:
        return float(value)
    except OverflowError:  # an integer beyond what a float can hold
        return math.inf if value > 0 else -math.inf
