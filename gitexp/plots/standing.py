"""Where the values of runs stand on an axis from 0 to 1, and what is written beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from gitexp.model.numbers import number_text
from gitexp.model.text import harmless
from gitexp.model.values import Scalar

_MOST_TEXTS = 12


def places(values: Sequence[Scalar]) -> list[float | None]:
    """Return the place of each value: numbers by their size, else one text after the other.

    What is absent, or not finite, has none.

    >>> places([1, 3, None, 2]), places(["b", "a", "b"]), places([5, 5])
    ([0.0, 1.0, None, 0.5], [0.0, 1.0, 0.0], [0.5, 0.5])
    """
    if _are_numbers(values):
        finite = [one for one in values if one is not None and math.isfinite(one)]
        low, high = min(finite, default=0), max(finite, default=0)
        return [
            None
            if one is None or not math.isfinite(one)
            else (one / 2 - low / 2) / (high / 2 - low / 2)  # the whole may be infinite
            if high > low
            else 0.5
            for one in values
        ]
    texts = _texts(values)
    step = 1 / (len(texts) - 1) if len(texts) > 1 else 0
    at = {one: number * step if step else 0.5 for number, one in enumerate(texts)}
    return [None if one is None else at[str(one)] for one in values]


def ticks(values: Sequence[Scalar]) -> list[tuple[float, str]]:
    """Return what stands beside the axis: the ends of numbers, and each text, if there are few.

    >>> ticks([0.5, 2, 1]), ticks(["sgd", None, "adam"])
    ([(0.0, '0.5'), (1.0, '2')], [(0.0, 'sgd'), (1.0, 'adam')])
    """
    found = {
        place: harmless(number_text(value) if _is_number(value) else str(value))
        for place, value in zip(places(values), values, strict=True)
        if place is not None
    }
    ordered = sorted(found.items())
    if len(ordered) > 1 and (_are_numbers(values) or len(ordered) > _MOST_TEXTS):
        return [ordered[0], ordered[-1]]
    return ordered


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_numbers(values: Sequence[Scalar]) -> TypeGuard[Sequence[int | float | None]]:
    return all(one is None or _is_number(one) for one in values)


def _texts(values: Sequence[Scalar]) -> list[str]:
    return list(dict.fromkeys(str(one) for one in values if one is not None))


def one_a_place(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each place, under one name: the first, and how many others are there.

    >>> [one["run"] for one in one_a_place([{"x": 1, "y": 2, "run": name} for name in "abc"])]
    ['a +2']
    """
    there: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for row in rows:
        there.setdefault((row["x"], row["y"]), []).append(row)
    return [
        {**first, "run": f"{first['run']} +{len(others)}" if others else first["run"]}
        for first, *others in there.values()
    ]
