"""The Pareto front: the points that no other is better than in every respect."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from gitexp.model.policy import Goal

K = TypeVar("K", bound=Hashable)


def pareto_front(measured: Mapping[K, Sequence[float]], goals: Sequence[Goal]) -> list[K]:
    """Return the keys of the front, the best by the first goal first; of equal ones all.

    >>> points = {"a": (0.1, 9), "b": (0.2, 5), "c": (0.2, 7), "d": (0.3, 6)}
    >>> pareto_front(points, ["min", "min"])
    ['a', 'b']
    """
    signs = [1 if goal == "min" else -1 for goal in goals]
    losses = {
        key: tuple(sign * value for sign, value in zip(signs, values, strict=True))
        for key, values in measured.items()
    }
    front: dict[K, tuple[float, ...]] = {}
    for key, loss in sorted(losses.items(), key=lambda item: item[1]):  # none is better than before
        if not any(_dominates(other, loss) for other in front.values()):
            front[key] = loss
    return list(front)


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(left <= right for left, right in zip(one, other, strict=True))
