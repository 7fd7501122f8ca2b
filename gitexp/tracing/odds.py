"""How likely each commit is to be the one, after readings that noise may have moved.

Before the commit that is looked for, readings are spread around the mean of the good end; from
it on, around that of the bad end. By Bayes' rule each reading makes the commits more likely that
it fits, and the next one is taken where it splits what is likely most evenly: git's bisection,
with commits that weigh what they are still worth [1].

[1] M. Ben-Or, A. Hassidim, "The Bayesian learner is optimal for noisy binary search", FOCS 2008.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from gitexp.review.statistics import Sample

_PRIOR_SHARE = 7
"""Where nothing is known of the noise, a seventh of the distance of the ends is its deviation."""
_PRIOR_WEIGHT = 1.0
"""As much as so many repeats say of it."""
_SAME = math.log(100)
"""What it says if a reading equals one of an end to the last digit, seed for seed."""
_SURE = 0.99
"""From here on a reading counts as one of an end."""
_BITS = 20
"""Bits of a weight, when the weights of many sets are added up."""


class Ends(Struct, frozen=True):
    """What readings are like on both sides of the commit that is looked for."""

    good: Sample
    bad: Sample
    tolerance: float = 0.0

    @property
    def distance(self) -> float:
        """How far the bad end lies from the good one."""
        return self.bad.mean - self.good.mean

    @property
    def freedom(self) -> float:
        """The degrees of freedom of the deviation."""
        return _PRIOR_WEIGHT + len(self.good.values) + len(self.bad.values) - 2

    @property
    def deviation(self) -> float:
        """The deviation of one reading: that of both ends, and a guess that soon gives way."""
        guess = abs(self.distance) / _PRIOR_SHARE
        squares = sum(
            (value - end.mean) ** 2 for end in (self.good, self.bad) for value in end.values
        )
        found = math.sqrt((_PRIOR_WEIGHT * guess * guess + squares) / self.freedom)
        return max(found, self.tolerance / 2, abs(self.distance) * 1e-6)

    def evidence(self, value: float) -> float:
        """Return the logarithm of how much better a reading fits the bad end than the good one."""
        if not math.isfinite(value):
            return 0.0
        return self._fit(self.bad, value) - self._fit(self.good, value)

    def _fit(self, end: Sample, value: float) -> float:
        """Return the logarithm of Student's density, which no single reading can overwhelm."""
        scale = self.deviation * math.sqrt(1 + 1 / len(end.values))
        away = (value - end.mean) / scale
        return -(self.freedom + 1) / 2 * math.log1p(away * away / self.freedom)

    def with_readings(self, good: Iterable[float], bad: Iterable[float]) -> Ends:
        """Return the ends with more readings of each."""
        return Ends(
            Sample((*self.good.values, *good)), Sample((*self.bad.values, *bad)), self.tolerance
        )


class Readings(Struct, frozen=True):
    """What is known: the commits that may be it, and what was read at some of them.

    Commits are numbered, each after those that it follows on; a set of them is the bits of an
    integer.
    """

    reach: Sequence[int]
    """For each commit the set of itself and all those before it."""
    suspects: int
    """The set of commits that may be it."""
    values: Mapping[int, Sequence[float]]
    """What was read, by commit."""
    like: Mapping[int, Sequence[bool]] = {}
    """For readings that equal one of the bad end (True) or of the good one, which, by commit."""


class Odds:
    """The chances of the commits after some readings."""

    def __init__(self, readings: Readings, ends: Ends) -> None:
        self._readings = readings
        self.ends = ends
        self.chances = self._after(ends)
        sure = self._sure()
        if any(sure):  # the noise and the ends are known better now
            self.ends = ends.with_readings(*sure)
            self.chances = self._after(self.ends)
        self._planes = _planes(self.chances)

    def _after(self, ends: Ends) -> list[float]:
        reach, values = self._readings.reach, self._readings.values
        count = len(reach)
        logs = [0.0 if self._readings.suspects >> at & 1 else -math.inf for at in range(count)]
        for at, read in values.items():
            like = self._readings.like.get(at, ())
            evidence = sum(map(ends.evidence, read))
            evidence += sum(_SAME if is_bad else -_SAME for is_bad in like)
            for one in _members(reach[at] & self._readings.suspects):
                logs[one] += evidence
        most = max(logs)
        weights = [math.exp(one - most) for one in logs]
        total = math.fsum(weights)
        return [one / total for one in weights]

    def _sure(self) -> tuple[list[float], list[float]]:
        self._planes = _planes(self.chances)
        good: list[float] = []
        bad: list[float] = []
        for at, read in self._readings.values.items():
            chance = self.is_bad(at)
            if not 1 - _SURE < chance < _SURE:
                (bad if chance > 1 / 2 else good).extend(filter(math.isfinite, read))
        return good, bad

    def is_bad(self, at: int) -> float:
        """Return how likely a commit has what moved the metric behind it, or is it."""
        reach = self._readings.reach[at]
        total = sum(
            (reach & plane).bit_count() << power for power, plane in enumerate(self._planes)
        )
        return min(1.0, total / (1 << _BITS))

    def likely(self, confidence: float) -> list[int]:
        """Return as few commits as make up the confidence, the likeliest first."""
        order = sorted(range(len(self.chances)), key=lambda at: -self.chances[at])
        found, total = [], 0.0
        for at in order:
            found.append(at)
            total += self.chances[at]
            if total >= confidence:
                break
        return found

    def next_ones(self, allowed: Iterable[int], confidence: float, count: int = 1) -> list[int]:
        """Return where readings say most, as many as are taken at once; none if nothing matters.

        What matters is which of the likely commits it is. One reading is taken in the middle of
        what is likely, two at a third and two thirds of it.
        """
        likely = sum(1 << at for at in self.likely(confidence))
        reach = self._readings.reach
        parted = (at for at in allowed if reach[at] & likely not in (0, likely))
        chances = {at: self.is_bad(at) for at in parted}
        found: list[int] = []
        for part in range(1, min(count, len(chances)) + 1):
            aim = part / (count + 1)
            found.append(min(chances, key=lambda at: abs(chances[at] - aim)))
            del chances[found[-1]]
        return found


def _members(numbers: int) -> Iterable[int]:
    """Return the numbers in a set.

    >>> list(_members(0b1011))
    [0, 1, 3]
    """
    return (at for at, bit in enumerate(f"{numbers:b}"[::-1]) if bit == "1")


def _planes(chances: Sequence[float]) -> list[int]:
    """Return for each binary place of the chances the set of those that have a one there.

    So the sum over a set is a few counts of bits, however large the set is.
    """
    digits = [f"{round(one * (1 << _BITS)):0{_BITS + 1}b}" for one in reversed(chances)]
    return [int("".join(plane), 2) for plane in zip(*digits, strict=True)][::-1]
