"""The Pareto front, held against what its definition says."""

from __future__ import annotations

import math
import random

import pytest

from gitexp.comparison.front import pareto_front
from gitexp.model.policy import Goal


def by_definition(points: dict[int, tuple[float, ...]], goals: list[Goal]) -> set[int]:
    """Return the points than which no other is as good everywhere and better somewhere."""
    losses = {
        key: [value if goal == "min" else -value for value, goal in zip(one, goals, strict=True)]
        for key, one in points.items()
        if not any(map(math.isnan, one))
    }

    def beats(left: list[float], right: list[float]) -> bool:
        return left != right and all(a <= b for a, b in zip(left, right, strict=True))

    return {
        key
        for key, loss in losses.items()
        if not any(beats(other, loss) for other in losses.values())
    }


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4])
def test_the_front_is_what_its_definition_says(dimensions: int) -> None:
    chance = random.Random(dimensions)
    values = [0, 1, 1.0, 2, 3, -1, 0.5, math.inf, -math.inf, math.nan, 2**70]
    for _ in range(150):
        goals: list[Goal] = [chance.choice(("min", "max")) for _ in range(dimensions)]
        points = {
            key: tuple(chance.choice(values) for _ in range(dimensions))
            for key in range(chance.randrange(12))
        }

        front = pareto_front(points, goals)

        assert set(front) == by_definition(points, goals)
        assert len(front) == len(set(front))
        firsts = [points[key][0] for key in front]
        assert firsts == sorted(firsts, reverse=goals[0] == "max")
