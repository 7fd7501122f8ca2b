"""What a change says of itself."""

from __future__ import annotations

import math

import pytest

from gitexp.comparison.changes import Change, CodeChange, DataChange, Diff
from gitexp.model.record import DataPointer
from gitexp.model.values import Value


def change(old: Value, new: Value) -> Change:
    return Change("metrics.json", "loss", old, new)


@pytest.mark.parametrize(
    "diff",
    [
        Diff("a", "b", params=(change(1, 2),)),
        Diff("a", "b", metrics=(change(1, 2),)),
        Diff("a", "b", data=(DataChange("x", None, DataPointer("x", "m")),)),
        Diff("a", "b", environment=(change("1", "2"),)),
        Diff("a", "b", code=(CodeChange("train.py", "modified", 1, 0),)),
    ],
)
def test_a_diff_is_true_if_anything_differs(diff: Diff) -> None:
    assert diff


@pytest.mark.parametrize(
    ("old", "new", "delta", "relative"),
    [
        (0.942, 0.961, 0.019, 0.019 / 0.942),
        (-4, -3, 1, 0.25),
        (0, 3, 3, None),
        (0.0, 3, 3.0, None),
        (math.inf, 1, -math.inf, None),
        (1, math.inf, math.inf, None),
        (1e-308, 1e308, 1e308, None),
        (10**400, 10**400 + 1, 1, 0.0),
        (10**400, 0.5, -math.inf, None),
        (3, 10**400, 10**400 - 3, None),
        ("a", 1, None, None),
        (True, 2, None, None),
        (None, 2, None, None),
        ([1], [2], None, None),
    ],
)
def test_numbers_have_a_delta_and_a_relative_change(
    old: Value, new: Value, delta: float | None, relative: float | None
) -> None:
    assert change(old, new).delta == delta
    assert change(old, new).relative == relative


def test_the_delta_to_nan_is_nan_and_no_part_of_anything() -> None:
    delta = change(1, math.nan).delta

    assert delta is not None
    assert math.isnan(delta)
    assert change(1, math.nan).relative is None
