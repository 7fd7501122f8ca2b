"""One curve: the values of a metric by their steps."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping

from msgspec import Struct

Step = int | float


class Summary(Struct, frozen=True, omit_defaults=True):
    """What is asked of a curve most often; None where no value is a number."""

    count: int
    """How many steps have a value."""
    step: Step
    """The last one."""
    last: float
    min: float | None = None
    max: float | None = None
    min_step: Step | None = None
    """The first step at which the value is the smallest."""
    max_step: Step | None = None
    nan: int = 0
    """How many values are not a number."""


class Series(Struct, frozen=True):
    """One curve; its steps rise, and none of them comes twice. It is never empty."""

    key: str
    """As it was logged: dotted, with slashes, or neither."""
    steps: list[Step]
    values: list[float]
    """NaN and infinities are values like others."""
    times: list[float] | None = None
    """Seconds since the first value of the run that was logged; None where nobody noted them."""

    @property
    def last(self) -> float:
        """The value at the last step."""
        return self.values[-1]

    @property
    def minimum(self) -> float | None:
        """The smallest value that is a number; None if there is none."""
        return min((one for one in self.values if one == one), default=None)  # noqa: PLR0124 - not NaN

    @property
    def maximum(self) -> float | None:
        """The largest value, likewise."""
        return max((one for one in self.values if one == one), default=None)  # noqa: PLR0124 - not NaN

    def at(self, step: Step) -> float | None:
        """Return the value that stood at a step: that of the last one up to it; None before.

        >>> loss = Series("loss", [0, 10, 20], [3.0, 2.0, 1.0])
        >>> loss.at(10), loss.at(15), loss.at(-1)
        (2.0, 2.0, None)
        """
        found = bisect_right(self.steps, step)
        return self.values[found - 1] if found else None

    @property
    def summary(self) -> Summary:
        """What is asked of it most often."""
        low, high = self.minimum, self.maximum
        return Summary(
            *(len(self.values), self.steps[-1], self.last, low, high),
            min_step=None if low is None else self.steps[self.values.index(low)],
            max_step=None if high is None else self.steps[self.values.index(high)],
            nan=sum(map(math.isnan, self.values)),
        )


def series_of_points(key: str, points: Iterable[tuple[Step, float, float | None]]) -> Series | None:
    """Return the curve through points of step, value and time; None if there are none.

    They come in any order; of several at one step the last counts.

    >>> series_of_points("loss", [(2, 0.5, None), (1, 0.9, None), (2, 0.4, None)])
    Series(key='loss', steps=[1, 2], values=[0.9, 0.4], times=None)
    """
    found = {step: (value, time) for step, value, time in points}
    return series_of_steps(key, found)


def series_of_steps(key: str, found: Mapping[Step, tuple[float, float | None]]) -> Series | None:
    """Return the curve of values with their times, by step; None if there are none."""
    steps = [*found]
    if any(map(_falls, steps, steps[1:])):
        steps.sort()
    pairs = [found[step] for step in steps]
    times = [time for _, time in pairs if time is not None]
    if not steps:
        return None
    return Series(
        key, steps, [value for value, _ in pairs], times if len(times) == len(steps) else None
    )


def series_by_key(
    points: Mapping[str, Iterable[tuple[Step, float, float | None]]],
) -> dict[str, Series]:
    """Return the curves through points of step, value and moment, in seconds since 1970.

    Those of a run belong together: their times count from the first of all moments.

    >>> series_by_key({"loss": [(0, 0.9, 100.0), (1, 0.5, 103.0)], "acc": []})
    {'loss': Series(key='loss', steps=[0, 1], values=[0.9, 0.5], times=[0.0, 3.0])}
    """
    known = {key: list(some) for key, some in points.items()}
    moments = (moment for some in known.values() for _, _, moment in some if moment is not None)
    began = min(moments, default=0.0)
    made = (
        series_of_points(
            key, ((step, one, None if at is None else at - began) for step, one, at in some)
        )
        for key, some in known.items()
    )
    return {one.key: one for one in made if one is not None}


def _falls(before: Step, after: Step) -> bool:
    return after < before
