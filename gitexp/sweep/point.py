"""One point of a sweep, as what a run of it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any


class Spot(NamedTuple):
    """A place in a sweep that one run takes."""

    number: int
    """Of the point, from 0; the same in all clones."""
    repeat: int = 1
    """Which run of the point, from 1."""


class Point(Struct, frozen=True):
    """One combination of values, and the run that is to be made of it."""

    number: int
    values: Mapping[str, Value]
    """By the names of the axes; an axis whose condition is not fulfilled has none."""
    overrides: tuple[str, ...]
    """As after `-S`: those that all points have, those of its values, that of its repeat."""
    command: tuple[str, ...]
    """With its placeholders filled in."""
    repeat: int = 1

    @property
    def spot(self) -> Spot:
        """Which place in the sweep it takes."""
        return Spot(self.number, self.repeat)


def run_name(sweep_name: str, spot: Spot) -> str:
    """Return the name of a run.

    >>> run_name("lr-scan", Spot(17)), run_name("lr-scan", Spot(17, 2))
    ('lr-scan-17', 'lr-scan-17-r2')
    """
    name = f"{sweep_name}-{spot.number}"
    return name if spot.repeat == 1 else f"{name}-r{spot.repeat}"
