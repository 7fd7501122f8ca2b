"""What is known of a sweep: what came of its points, and which are under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from gitexp.model.record import Status
from gitexp.sweep.point import Spot

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any

MOST_ATTEMPTS = 3
"""How often a point is started before its losses count as a failure."""


class Settled(Struct, frozen=True):
    """A run whose outcome counts for its spot."""

    spot: Spot
    run_id: str
    name: str
    """Of the run."""
    status: Status
    reason: str | None
    """Of its end, as in the record: 'timeout', 'signal', 'lost', 'pruned', 'stopped'."""
    ended: str
    """RFC 3339, UTC."""
    values: Mapping[str, Value]
    """What the point was, by the names of the axes."""
    objectives: tuple[float | None, ...] = ()
    """The metrics that the sweep is after, in its order; None for one without a number."""
    covered: bool = False
    """Whether the run is of no sweep, or of another one, with the same inputs and command."""
    attempt: int = 1
    known: str | None = None
    """Which results the point was chosen by, as in the record; None if the window says it."""
    steps: Mapping[int, float] | None = None
    """Intermediate values of the metric that points are pruned by, by step."""
    cut: bool = False
    """Whether the pruner stopped the run, or would have if it had not been faster."""
    seconds: float = 0.0
    """How long the run took."""
    verdict: str | None = None
    """What became of the expectation of the sweep, if it has one and the run is its own."""
    code: int | None = None
    """The exit status of its command, if that exited by itself."""

    @property
    def has_result(self) -> bool:
        """Whether it ended well, with each metric that the sweep is after; NaN is a result."""
        return self.status == "done" and None not in self.objectives


class UnderWay(Struct, frozen=True):
    """A spot that an agent has taken."""

    spot: Spot
    run_id: str
    """Fixed when it was taken."""
    attempt: int
    who: str
    """The process and its host, for people."""
    values: Mapping[str, Value] | None = None
    """None until they are worked out."""
    known: str | None = None
    """Which results the point is chosen by, noted when it was taken; None if the window says it."""
    name: str = ""
    """Of the run."""
    since: str = ""
    """When it was taken, in ISO 8601."""
    pid: int = 0
    """Of the agent, on its host."""
    command: int | None = None
    """The process of the command, if it can be seen from here."""


class Known(Struct, frozen=True):
    """What is known of a sweep, by spot; rebuilt from the index and the journal."""

    settled: Mapping[Spot, Settled] = field(default_factory=dict)
    under_way: Mapping[Spot, UnderWay] = field(default_factory=dict)
    lost: Mapping[Spot, int] = field(default_factory=dict)
    """How many runs of a spot came to nothing: interrupted, lost, their host gone."""
    further: tuple[Settled, ...] = ()
    """Settled runs of spots that were settled before: repeats that nobody asked for."""

    def is_given_up(self, spot: Spot) -> bool:
        """Return whether a spot was lost so often that it counts as failed."""
        return spot not in self.settled and self.lost.get(spot, 0) >= MOST_ATTEMPTS

    def is_open(self, spot: Spot) -> bool:
        """Return whether a spot may be taken."""
        return not (spot in self.settled or spot in self.under_way or self.is_given_up(spot))

    def is_over(self, number: int, repeats: int) -> bool:
        """Return whether all runs of a point are settled or given up."""
        spots = (Spot(number, repeat) for repeat in range(1, repeats + 1))
        return all(spot in self.settled or self.is_given_up(spot) for spot in spots)
