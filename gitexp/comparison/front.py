"""The Pareto front: the points that no other is better than in every respect."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from gitexp.model.numbers import is_nan
from gitexp.model.policy import Goal

K = TypeVar("K", bound=Hashable)
_Losses = tuple[float, ...]
_PLANE = 2


def pareto_front(measured: Mapping[K, Sequence[float]], goals: Sequence[Goal]) -> list[K]:
    """Return the keys of the front, the best by the first goal first; of equal ones all.

    A point with NaN is on no front.

    >>> points = {"a": (0.1, 9), "b": (0.2, 5), "c": (0.2, 7), "d": (0.3, 6)}
    >>> pareto_front(points, ["min", "min"])
    ['a', 'b']
    """
    signs = [1 if goal == "min" else -1 for goal in goals]
    losses = [
        (tuple(sign * value for sign, value in zip(signs, values, strict=True)), key)
        for key, values in measured.items()
        if not any(map(is_nan, values))
    ]
    losses.sort(key=lambda item: item[0])  # none is better than one before it
    return list(_in_a_plane(losses) if len(signs) <= _PLANE else _in_space(losses))


def _in_a_plane(losses: Iterable[tuple[_Losses, K]]) -> Iterator[K]:
    """Yield the front for two goals at most: ten thousand points may all be on it."""
    last: _Losses | None = None
    for loss, key in losses:
        if last is None or loss == last or loss[-1] < last[-1]:
            last = loss
            yield key


def _in_space(losses: Iterable[tuple[_Losses, K]]) -> Iterator[K]:
    front: dict[_Losses, None] = {}
    for loss, key in losses:
        if loss in front or not any(_is_as_good(other, loss) for other in front):
            front[loss] = None
            yield key


def _is_as_good(one: _Losses, other: _Losses) -> bool:
    return all(left <= right for left, right in zip(one, other, strict=True))
