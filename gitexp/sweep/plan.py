"""What is to be done for a sweep: points to run, points that are covered, points still open."""

from __future__ import annotations

from msgspec import Struct

from gitexp.sweep.known import Settled
from gitexp.sweep.point import Point, Spot
from gitexp.sweep.sweep import Sweep


class Plan(Struct, frozen=True):
    """What a call of `gitexp sweep` has before it; `--dry-run` prints it."""

    sweep: Sweep
    points: int
    """How many points are wanted; each has as many runs as the sweep has repeats."""
    size: int | None = None
    """How many points the space has, where they can be counted."""
    run: tuple[Point, ...] = ()
    """What is to be run, as far as it can be said before; in the order of the numbers."""
    covered: tuple[Settled, ...] = ()
    """Spots that runs outside of this sweep settle: the same inputs and command."""
    settled: tuple[Settled, ...] = ()
    """Spots that runs of this sweep settle, as far as they are wanted."""
    under_way: tuple[Spot, ...] = ()
    given_up: tuple[Spot, ...] = ()
    undecided: int = 0
    """How many runs there will be of points that depend on results."""

    @property
    def runs(self) -> int:
        """How many runs are wanted in all."""
        return self.points * self.sweep.repeats

    @property
    def is_carried_out(self) -> bool:
        """Whether nothing is left: neither to run, nor to take over, nor to wait for."""
        return not (self.to_do or self.covered or self.under_way)

    @property
    def to_do(self) -> int:
        """How many runs are still to be started."""
        return len(self.run) + self.undecided
