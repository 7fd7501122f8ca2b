"""What all samplers are: a point is a function of the sweep, its number, and what it may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from gitexp.model.values import Value
else:
    Value = Any

Told = Literal["complete", "failed", "pruned", "pending"]
"""What a point is told as: its results count, it has none, it was cut off, nothing is known."""


class Result(Struct, frozen=True):
    """What a sampler is told of an earlier point."""

    number: int
    values: Mapping[str, Value]
    """By the names of the axes."""
    told: Told
    objectives: tuple[float, ...] = ()
    """Finite, one for each objective, the mean over repeats; for 'complete' alone."""
    steps: Mapping[int, float] | None = None
    """Intermediate values of the metric that points are pruned by, by step."""
    known: str | None = None
    """Which results the point itself was chosen by, as `ranges_text` writes it; None if the
    window says it."""


class Proposal(Struct, frozen=True):
    """The values of a point."""

    values: Mapping[str, Value]
    """By the names of the axes, in their order."""
    draw: int = 0
    """How many proposals before it were turned down: not admitted, or proposed before."""


class Exhausted(Exception):
    """A space has no further point."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the space has {size} points, all were tried")
        self.size = size


class Sampler(Protocol):
    """What chooses the values of points.

    It keeps nothing that cannot be worked out anew: the same number and the same results give
    the same values, in whichever process and in whichever order points are asked for.
    """

    def propose(self, number: int, results: Sequence[Result]) -> Proposal:
        """Return the values of a point.

        Args:
            number: Of the point, from 0.
            results: Of all points with smaller numbers, in their order, those that it must not
                know told as 'pending'; empty where points do not depend on each other.

        Raises:
            Exhausted: There is no such point, or none is left.
            GitexpError: The conditions of the space admit too little of it.
        """
        ...
