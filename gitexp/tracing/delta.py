"""Delta debugging: as few of the differences of two sides as will do what all of them do.

This is `ddmin` of A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing
input", IEEE Transactions on Software Engineering 28 (2002), 183-200: what it returns is minimal in
that without any one of its items the effect is gone, or cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

Test = Callable[[Sequence[T]], "bool | None"]
"""Says whether some of the items do it; None if that cannot be told."""


def ddmin(items: Sequence[T], test: Test[T]) -> list[T]:
    """Return a minimal part of items that do it together.

    >>> ddmin(range(8), lambda some: {2, 5} <= set(some))
    [2, 5]
    """
    left, parts = list(items), 2
    while len(left) > 1:
        cut = _cut(left, parts)
        smaller = next((part for part in cut if test(part)), None)
        if smaller is not None:
            left, parts = smaller, 2
            continue
        rests = [_without(cut, at) for at in range(len(cut))] if parts > 2 else []  # noqa: PLR2004 - of two, each is the rest of the other
        rest = next((one for one in rests if test(one)), None)
        if rest is not None:
            left, parts = rest, max(parts - 1, 2)
        elif parts < len(left):
            parts = min(2 * parts, len(left))
        else:
            break
    return left


def most_tests(count: int) -> int:
    """Return how many tests it takes at worst.

    >>> most_tests(1), most_tests(8)
    (0, 88)
    """
    return count * (count + 3) if count > 1 else 0


def _cut(items: list[T], parts: int) -> list[list[T]]:
    ends = [len(items) * at // parts for at in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def _without(cut: list[list[T]], left_out: int) -> list[T]:
    return [item for at, part in enumerate(cut) if at != left_out for item in part]
