from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.rendering.xychart import xychart

LOOK = xychart([1, 2])[0].partition("\n")[0]
NUMBER = r"-?\d+(?:\.\d+)?"
CHART = re.compile(
    rf"{re.escape(LOOK)}\nxychart-beta\n    x-axis (?:1 --> \d+|\[\d+(?:, \d+)*\])\n"
    rf"    y-axis ({NUMBER}) --> ({NUMBER})\n"
    rf"    line \[({NUMBER}(?:, {NUMBER})*)\](?:\n    line \[({NUMBER}(?:, {NUMBER})*)\])?"
)
"""What mermaid reads: it knows no exponents."""

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=2, max_size=30), finite | st.none())
def test_a_chart_is_plain_numbers_within_its_axis(values: list[float], level: float | None) -> None:
    chart, _ = xychart(values, level)

    found = CHART.fullmatch(chart)
    assert found is not None
    low, high = float(found[1]), float(found[2])
    assert low < high
    for number in found[3].split(", "):
        assert low <= float(number) <= high


@pytest.mark.parametrize(
    ("values", "power", "line"),
    [
        ([1e-7, 2e-7], -7, "[1, 2]"),
        ([1.5e300, -3e300], 300, "[1.5, -3]"),
        ([0.9000001, 0.9000002], 0, "[0.9000001, 0.9000002]"),
        ([5e-324, 0.0], -324, "[4.941, 0]"),
        ([100000, 250000], 0, "[100000, 250000]"),
        ([0.0, 0.0], 0, "[0, 0]"),
    ],
)
def test_numbers_of_any_size_can_be_told_apart(values: list[float], power: int, line: str) -> None:
    chart, found = xychart(values)

    assert found == power
    assert chart.endswith(f"line {line}")
