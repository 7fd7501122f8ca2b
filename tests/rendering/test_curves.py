"""Curves among words, as wide as there is room."""

from __future__ import annotations

from math import inf, nan
from textwrap import dedent

import pytest

from gitexp.model.policy import Policy, Rule
from gitexp.rendering.curves import curve_lines, curves_table, summaries
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.table import Document, Flat
from gitexp.series.series import Series

STEPS: list[int | float] = [*range(40)]
SERIES = {
    "system/cpu": Series("system/cpu", [0], [1.0]),
    "train/loss": Series("train/loss", STEPS, [1 / (step + 1) for step in STEPS]),
    "val/loss": Series("val/loss", STEPS, [2 / (step + 1) for step in STEPS]),
    "broken": Series("broken", [0, 1], [nan, inf]),
}
POLICY = Policy((("val.loss", Rule("min")),))


def text(width: int) -> str:
    table = curves_table(SERIES, POLICY, {"val/loss": 4000})
    assert table is not None
    document = Document(lambda: None, lambda: Flat((), []), lambda: [table], legend="best")
    return FORMATS["text"](document, width=width)


def test_each_curve_has_a_line_with_its_best_value_marked() -> None:
    assert text(80) == dedent("""\
        Curves
          curve           last      lowest   highest   steps
          val/loss       0.05      0.05  *       2.0    4000   █▃▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
          train/loss     0.025     0.025         1.0      40   █▃▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
          broken       inf       inf           inf         2   ??
        * best
    """)


@pytest.mark.parametrize(("width", "course"), [(63, "█▁▁▁▁▁▁▁"), (36, "█▂▁▁▁▁▁▁▁▁▁")])
def test_a_line_has_fewer_characters_where_there_is_less_room(width: int, course: str) -> None:
    [line] = [line for line in text(width).splitlines() if line.startswith("  val/loss")]

    assert line.split()[-1] == course
    assert len(line) <= width


def test_of_a_run_under_way_there_are_as_many_lines_as_fit() -> None:
    assert curve_lines(SERIES, Policy(), 40, 2) == [
        "train/loss   0.025   █▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
        "val/loss     0.05    █▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
    ]
    assert curve_lines(SERIES, POLICY, 18, 2) == ["val/loss     0.05", "train/loss   0.025"]


def test_without_curves_there_is_no_table() -> None:
    assert curves_table({"system/cpu": SERIES["system/cpu"]}, POLICY) is None
    assert summaries({"broken": SERIES["broken"]})["broken"]["last"] == inf
