"""Axes, from values that may come from anybody."""

from __future__ import annotations

import pytest

from gitexp.plots.scale import scale_of

LARGEST = 1.7e308


@pytest.mark.parametrize(
    "values",
    [[-LARGEST, LARGEST], [LARGEST], [float("inf"), float("nan")], [10**299, -(10**299)]],
    ids=["far apart", "one", "none", "integers"],
)
def test_an_axis_has_numbers_whatever_is_drawn(values: list[float]) -> None:
    axis = scale_of(values)

    assert axis.low < axis.high
    assert [axis.text(share) for share in (0, 0.5, 1)] != []


def test_what_is_too_large_for_an_axis_is_drawn_nowhere() -> None:
    assert scale_of([1, 2, -LARGEST]) == scale_of([1, 2])
