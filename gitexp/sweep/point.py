"""One point of a sweep, as what a run of it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from gitexp.model.command.spelling import filled, placeholder, value_text
from gitexp.sweep.sweep import Sweep

if TYPE_CHECKING:
    from gitexp.model.values import Value
    from gitexp.store.journal import Claim
else:
    Value = Any


class Spot(NamedTuple):
    """A place in a sweep that one run takes."""

    number: int
    """Of the point, from 0; the same in all clones."""
    repeat: int = 1
    """Which run of the point, from 1."""


def spot_of(claim: Claim) -> Spot:
    """Return which place in a sweep is claimed."""
    return Spot(claim.number, claim.repeat)


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


def point_of(sweep: Sweep, spot: Spot, values: Mapping[str, Value]) -> Point:
    """Return what a run of a point is made from.

    What the command has a placeholder for is put there, and nowhere else.
    """
    signs = {axis.name: axis.sign for axis in sweep.space.axes}
    given = dict(values)
    if sweep.repeat_key is not None:
        given[sweep.repeat_key] = sweep.seeds[spot.repeat - 1]
    in_command = {name: value for name, value in given.items() if is_in_command(sweep, name)}
    overrides = (
        override_text(name, signs.get(name, ""), value)
        for name, value in given.items()
        if name not in in_command
    )
    return Point(
        spot.number,
        values,
        (*sweep.fixed, *overrides),
        filled(sweep.command, in_command),
        spot.repeat,
    )


def is_in_command(sweep: Sweep, name: str) -> bool:
    """Return whether the command has a placeholder for a name."""
    return any(placeholder(name) in word for word in sweep.command)


def override_text(name: str, sign: str, value: Value) -> str:
    """Return an override as after `-S`.

    >>> override_text("conf/a.yaml:lr", "+", 0.1)
    'conf/a.yaml:+lr=0.1'
    """
    file, colon, key = name.rpartition(":")
    return f"{file}{colon}{sign}{key}={value_text(value)}"


def run_name(sweep_name: str, spot: Spot) -> str:
    """Return the name of a run.

    >>> run_name("lr-scan", Spot(17)), run_name("lr-scan", Spot(17, 2))
    ('lr-scan-17', 'lr-scan-17-r2')
    """
    name = f"{sweep_name}-{spot.number}"
    return name if spot.repeat == 1 else f"{name}-r{spot.repeat}"
