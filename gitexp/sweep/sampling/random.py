"""Random points: by the sweep's seed and the number of the point alone, and without Optuna."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from gitexp.sweep.sampling.gate import Gate, identity, random_values
from gitexp.sweep.sampling.sampler import Proposal, Result
from gitexp.sweep.sweep import Sweep


class RandomSampler:
    """Draws each point by itself; those before it only decide what would be a repetition."""

    def __init__(self, sweep: Sweep) -> None:
        self._space = sweep.space
        self._seed = sweep.seed
        self._points: list[Proposal] = []
        self._identities: set[str] = set()

    def propose(self, number: int, results: Sequence[Result]) -> Proposal:  # noqa: ARG002 - the protocol
        """Return the values of a point; what came of others is not looked at."""
        while len(self._points) <= number:
            point = self._draw(len(self._points))
            self._points.append(point)
            self._identities.add(identity(point.values))
        return self._points[number]

    def _draw(self, number: int) -> Proposal:
        gate = Gate(self._space, self._identities)
        draw = 0
        while not gate.is_weary:
            values = random_values(self._space, Random(f"{self._seed}:{number}:{draw}"))  # noqa: S311 - no secret
            if gate.judge(values) == "new":
                return Proposal(values, draw)
            draw += 1
        return Proposal(gate.draw_left(f"{self._seed}:{number}:left"), draw)
