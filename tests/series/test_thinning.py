"""Long curves with fewer points."""

from __future__ import annotations

import math

from gitexp.series.series import Series
from gitexp.series.tables import read_tables, write_tables
from gitexp.series.thinning import thinned, thinned_tables


def test_a_thinned_curve_keeps_measured_points_its_ends_and_its_peak() -> None:
    values = [math.sin(at / 50) for at in range(2000)]
    values[1234] = 9.0
    one = Series("x", [*range(2000)], values, [at / 10 for at in range(2000)])

    found = thinned(one, 100)

    assert len(found.steps) == 100
    assert (found.steps[0], found.steps[-1], found.maximum) == (0, 1999, 9.0)
    assert all(one.at(step) == value for step, value in zip(found.steps, found.values, strict=True))
    assert found.times is not None
    assert found.times[-1] == 199.9


def test_values_that_are_not_finite_do_not_count() -> None:
    one = Series("x", [*range(100)], [math.nan, math.inf] * 25 + [1.0] * 50)

    assert set(thinned(one, 10).values) == {1.0}
    assert thinned(Series("x", [0, 1, 2, 3], [math.nan] * 4), 3).values[0] != 0


def test_tables_fit_where_they_can() -> None:
    series = {
        f"k{key}": Series(f"k{key}", [*range(3000)], [math.cos(at / 9 + key) for at in range(3000)])
        for key in range(4)
    }

    whole = sum(map(len, write_tables(series).values()))

    found = thinned_tables(series, 50_000, whole)

    size = sum(map(len, found.values()))
    assert 25_000 < size <= 50_000
    assert {*read_tables(found)} == {*series}
