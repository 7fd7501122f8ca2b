"""From numbers to a place on an axis, and the numbers that stand beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec import Struct

from gitexp.model.numbers import number_text

_DIGITS = 4
_LARGEST = 1e300
"""Beyond it nothing is drawn: the length of such an axis may be no number."""


class Scale(Struct, frozen=True):
    """An axis."""

    low: float
    high: float
    """As drawn: the logarithms, if it is logarithmic; never the same as `low`."""
    is_log: bool = False

    def place(self, value: float) -> float | None:
        """Return where a value is drawn; None if it is nowhere."""
        if not abs(value) <= _LARGEST or (self.is_log and value <= 0):
            return None
        return math.log10(value) if self.is_log else value

    def text(self, share: float) -> str:
        """Return the number at a part of the axis, from 0 to 1."""
        drawn = self.low + (self.high - self.low) * share
        span = self.high - self.low
        if self.is_log:
            return number_text(10**drawn, _DIGITS)
        if abs(drawn) < span * 1e-9:
            return "0"
        digits = _DIGITS + max(0, math.floor(math.log10(max(abs(self.low), abs(self.high)) / span)))
        return f"{drawn:.{digits}g}"


def scale_of(values: Iterable[float], *, is_log: bool = False) -> Scale:
    """Return the axis that has all these values on it.

    >>> scale_of([1, 100], is_log=True).text(0.5), scale_of([3, 3]).text(0.5)
    ('10.0', '3')
    """
    unit = Scale(0, 1, is_log)
    places = [found for one in values if (found := unit.place(one)) is not None]
    if not places:
        return unit
    low, high = min(places), max(places)
    if low == high:
        margin = abs(low) * 0.1 or 1.0
        low, high = low - margin, high + margin
    return Scale(low, high, is_log)
