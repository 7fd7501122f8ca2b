"""Charts as text."""

from __future__ import annotations

import math
from textwrap import dedent

from gitexp.plots.chart import Axis, Curve, Lines, Matrix, Parallel, Points
from gitexp.plots.terminal import chart_text

RISE = Curve("calm-heron", [0, 1, 2, 3, 4], [0.0, 0.5, 0.75, 0.875, 1.0])
FALL = Curve("brave-otter", [0, 1, 2, 3, 4], [1.0, 0.5, 0.25, 0.125, 0.0])


def test_curves_stand_in_a_frame_with_the_ends_of_its_axes() -> None:
    chart = Lines("loss", "step", "loss", (FALL,), note="smoothed")

    drawn = chart_text(chart, width=34, colour=False, height=5)

    assert drawn == dedent("""\
        loss
           1 ┤⠑⠢⣀
        0.75 ┤⠀⠀⠀⠉⠢⢄
         0.5 ┤⠀⠀⠀⠀⠀⠀⠉⠒⠤⢄⣀
        0.25 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠒⠢⠤⢄⣀⡀
           0 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈⠉⠑⠒⠒⠢⠤⠤⠤⣀⣀
             └────────────────────────────
              0           step           4
        brave-otter   0.0
        smoothed
        """)


def test_without_colours_letters_tell_curves_apart() -> None:
    drawn = chart_text(
        Lines("a", "step", "a", (RISE, FALL)), width=34, colour=False, height=5
    ).splitlines()

    assert drawn[-2:] == ["a calm-heron   1.0", "b brave-otter   0.0"]
    assert "a" in "".join(drawn[1:6])
    assert "b" in "".join(drawn[1:6])


def test_with_colours_each_curve_and_its_name_have_one() -> None:
    drawn = chart_text(Lines("a", "step", "a", (RISE, FALL)), width=34, colour=True, height=5)

    assert "\x1b[94m— calm-heron   1.0\x1b[0m" in drawn
    assert "\x1b[91m— brave-otter   0.0\x1b[0m" in drawn


def test_no_line_is_wider_than_the_terminal() -> None:
    points = Points("t", "lr" * 30, "y", ("a", "b"), (1e-9, 1e9), (-1e300, 1e300))
    for width in (24, 40, 133):
        lines = chart_text(points, width=width, colour=False).splitlines()

        assert max(map(len, lines[1:])) <= width


def test_what_is_not_finite_is_a_gap_and_nothing_at_all_is_a_frame() -> None:
    gap = Curve("a", [0, 1, 2, 3], [1.0, math.nan, math.inf, 3.0])

    drawn = chart_text(Lines("a", "step", "a", (gap,)), width=30, colour=False, height=4)
    nothing = chart_text(
        Lines("a", "step", "a", (Curve("a", [0], [math.nan]),)), width=30, colour=False
    )

    assert sum(0x2800 < ord(one) < 0x2900 for one in drawn) == 2  # two points, and no line
    assert "└" in nothing


def test_a_logarithmic_axis_leaves_out_what_it_has_no_place_for() -> None:
    chart = Points("t", "lr", "y", ("a", "b", "c"), (0.0, 0.01, 1.0), (1, 2, 3), log="x")

    drawn = chart_text(chart, width=40, colour=False)

    assert drawn.count("●") == 2
    assert "0.01" in drawn


def test_names_cannot_act_upon_the_terminal() -> None:
    evil = "a\x1b[2J\n\tb"
    charts = (
        Lines(evil, evil, evil, (Curve(evil, [0, 1], [0.0, 1.0]),), note=evil),
        Points(evil, evil, evil, (evil,), (evil,), (1.0,), front=(0,), note=evil),
        Matrix(evil, (evil,), (evil,), ((1,),), note=evil),
        Parallel(evil, (evil,), (Axis(evil, (evil,)),), note=evil),
    )
    for chart in charts:
        drawn = chart_text(chart, width=60, colour=False)

        assert "\x1b" not in drawn
        assert "\t" not in drawn


def test_a_matrix_is_a_table_and_parallel_axes_are_bars() -> None:
    matrix = Matrix("m", ("cat", "dog"), ("cat", "dog"), ((10, 2), (1, 30)))
    axes = (Axis("lr", (0.1, 0.2)), Axis("opt", ("sgd", None)), Axis("acc", (0.9, 0.91)))

    assert chart_text(matrix, width=60, colour=False) == dedent("""\
        m
                 predicted
        actual   cat   dog
        cat       10     2
        dog        1    30
        """)
    assert chart_text(Parallel("p", ("a", "b"), axes), width=60, colour=False) == dedent("""\
        p
            lr      opt   acc
        a   ▁ 0.1   sgd   ▁ 0.9
        b   █ 0.2   –     █ 0.91
        """)
