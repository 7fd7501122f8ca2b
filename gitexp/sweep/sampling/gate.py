"""Which proposals become points: those that the space admits and that none was before."""

from __future__ import annotations

import math
import random
from collections.abc import Container, Mapping
from typing import Literal, TypeAlias

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.values import Value, dumps
from gitexp.sweep.conditions import admits, applies
from gitexp.sweep.sampling.grid import Grid
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.space import Axis, Choices, Interval, Space

MOST_REPEATED = 20
"""How many proposals in a row may be old points before one is drawn from what is left."""
MOST_REJECTED = 100
"""How many proposals `such_that` may reject before one is drawn from what it admits."""

_DRAWS = 1_000
_MORE_DRAWS = 20_000
_LISTED = 100_000
"""Combinations of a space that are gone through one by one if drawing finds none."""

Verdict: TypeAlias = Literal["new", "repeated", "rejected"]


def identity(values: Mapping[str, Value]) -> str:
    """Return a text that is the same for the same point; 1, 1.0 and true are three."""
    return dumps(values)


class Gate:
    """The judge of the next point, who knows the identities of those so far."""

    def __init__(self, space: Space, earlier: Container[str]) -> None:
        self._space = space
        self._earlier = earlier
        self._times: dict[Verdict, int] = {"new": 0, "repeated": 0, "rejected": 0}

    def judge(self, values: Mapping[str, Value]) -> Verdict:
        """Say what becomes of a proposal, and count it."""
        verdict: Verdict = "new"
        if not admits(self._space, values):
            verdict = "rejected"
        elif identity(values) in self._earlier:
            verdict = "repeated"
        self._times[verdict] += 1
        return verdict

    @property
    def is_weary(self) -> bool:
        """Whether the sampler had its chances."""
        times = self._times
        return times["repeated"] >= MOST_REPEATED or times["rejected"] >= MOST_REJECTED

    def draw_left(self, seed: str) -> Mapping[str, Value]:
        """Return a random point among those that are left.

        Raises:
            Exhausted: None is left.
            GitexpError: There may be some, but none was found.
        """
        randoms = random.Random(seed)  # noqa: S311 - a choice of points, no secret
        found = self._draw(randoms, _DRAWS)
        if found is not None:
            return found
        if self._space.count <= _LISTED:
            everything = combinations(self._space)
            left = [one for one in everything if identity(one) not in self._earlier]
            if not left:
                raise Exhausted(len(everything))
            return left[int(randoms.random() * len(left))]
        found = self._draw(randoms, _MORE_DRAWS)
        if found is not None:
            return found
        raise GitexpError(
            f"of {_DRAWS + _MORE_DRAWS:,} random points none is new and fulfils "
            f"'{self._space.such_that}'",
            hint="Make the axes narrower, or the condition of `--such-that` wider.",
        )

    def _draw(self, randoms: random.Random, times: int) -> dict[str, Value] | None:
        for _ in range(times):
            values = random_values(self._space, randoms)
            if identity(values) not in self._earlier and admits(self._space, values):
                return values
        return None


def random_values(space: Space, randoms: random.Random) -> dict[str, Value]:
    """Return a value for each axis that applies, each as likely as its neighbours."""
    values: dict[str, Value] = {}
    for axis in space.axes:
        share = randoms.random()  # for each axis, so that the others do not depend on conditions
        if applies(axis, space.names, values):
            values[axis.name] = _at(axis, share)
    return values


def count_points(space: Space) -> int | None:
    """Return how many different points a space has; None if there is no end, or it takes long."""
    if math.isinf(space.count):
        return None
    if not space.is_filtered:
        return int(space.count)
    return len(combinations(space)) if space.count <= _LISTED else None


def combinations(space: Space) -> list[Mapping[str, Value]]:
    """Return every point that the space admits; each axis has to have a count."""
    grid = Grid(replace(space, axes=tuple(map(_listed, space.axes))))
    return [grid.values(number) for number in range(len(grid))]


def _listed(axis: Axis) -> Axis:
    domain = axis.domain
    if isinstance(domain, Choices):
        return axis
    return replace(axis, domain=Choices(tuple(range(int(domain.low), int(domain.high) + 1))))


def _at(axis: Axis, share: float) -> Value:
    """Return the value of an axis that lies at a share, from 0 to below 1, of the way."""
    domain = axis.domain
    if isinstance(domain, Choices):
        return domain.values[int(share * len(domain.values))]
    if domain.integer:  # each whole number owns the half on either side of it
        value = _between(domain, domain.low - 0.5, domain.high + 0.5, share)
        return min(max(round(value), int(domain.low)), int(domain.high))
    return min(max(_between(domain, domain.low, domain.high, share), domain.low), domain.high)


def _between(domain: Interval, low: float, high: float, share: float) -> float:
    if domain.log:
        return float(low * (high / low) ** share)
    return low + (high - low) * share
