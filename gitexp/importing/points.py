"""Points that another tool has of its metrics, as curves and as last values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitexp.model.values import Value
from gitexp.series.series import Series, Step, series_by_key

Point = tuple[Step, float, "float | None"]
"""Step, value, and seconds since 1970 if the tool notes them."""


def curves_and_last(
    points: Mapping[str, Iterable[Point]],
) -> tuple[tuple[Series, ...], dict[str, Value]]:
    """Return the curves, and the last value of each metric; one value at step 0 is no curve.

    >>> curves_and_last({"loss": [(0, 0.9, None), (1, 0.5, None)], "acc": [(0, 0.7, None)]})
    ((Series(key='loss', steps=[0, 1], values=[0.9, 0.5], times=None),), {'loss': 0.5, 'acc': 0.7})
    """
    every = series_by_key(points)
    curves = tuple(one for one in every.values() if one.steps != [0])
    return curves, {key: one.last for key, one in every.items()}
