"""Where values stand on an axis."""

from __future__ import annotations

from gitexp.plots.standing import places


def test_an_axis_may_be_as_long_as_all_floats() -> None:
    assert places([-1.7e308, 0.0, 1.7e308]) == [0.0, 0.5, 1.0]
