"""Charts as specifications of Vega-Lite."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest

from gitexp.plots.chart import Axis, Chart, Curve, Lines, Matrix, Parallel, Points
from gitexp.plots.vega.spec import vega_lite

EVIL = "</svg><script>alert(1)</script>'\"\\{{datum.x}}\x01"
CHARTS: tuple[Chart, ...] = (
    Lines(EVIL, EVIL, EVIL, (Curve(EVIL, [0, 1], [1.0, math.nan], [0, 0], [2, 2], [1, 1]),), EVIL),
    Points(EVIL, EVIL, EVIL, (EVIL, "b"), (EVIL, 1), (1.0, 2.0), front=(0,), note=EVIL),
    Matrix(EVIL, (EVIL,), (EVIL,), ((1,),), EVIL),
    Parallel(EVIL, (EVIL,), (Axis(EVIL, (EVIL,)),), EVIL),
)


def places(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where in a specification the hostile text stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            assert "alert" not in key
            yield from places(one, (*path, key))
    elif isinstance(value, list):
        for one in value:
            yield from places(one, path)
    elif isinstance(value, str) and "alert" in value:
        yield path


@pytest.mark.parametrize("chart", CHARTS, ids=lambda one: type(one).__name__)
def test_names_stand_in_data_and_titles_alone(chart: Chart) -> None:
    where = set(places(vega_lite(chart)))

    assert where
    for path in where:
        assert path[-1] in {"title", "text", "subtitle", "domain", "sort"} or "values" in path
        assert "expr" not in path


@pytest.mark.parametrize("chart", CHARTS, ids=lambda one: type(one).__name__)
def test_a_specification_is_json_as_it_must_be(chart: Chart) -> None:
    assert json.loads(json.dumps(vega_lite(chart), allow_nan=False))


def test_runs_of_one_name_are_two_curves() -> None:
    chart = Lines("a", "step", "a", (Curve("a", [0], [1.0]), Curve("a", [0], [2.0])))

    spec = vega_lite(chart)

    assert spec["encoding"]["color"]["scale"]["domain"] == ["a", "a (2)"]


def test_the_legend_is_as_strong_as_the_lines_even_above_a_band() -> None:
    curve = Curve("a", [0, 1], [1.0, 1.0], [0, 0], [2, 2])

    found = vega_lite(Lines("loss", "step", "loss", (curve,)))

    assert found["layer"][0]["mark"]["opacity"] < 1  # whose strength the legend would have
    assert found["encoding"]["color"]["legend"]["symbolOpacity"] == 1
