"""The numbers of a grid's points: the same for all clones and for ever."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.sweep.sampling.grid import Grid
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.space import Axis, Choices, Interval, Space

sizes = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def space_of(counts: list[int], such_that: str | None = None) -> Space:
    axes = (Axis(f"a{at}", Choices(tuple(range(count)))) for at, count in enumerate(counts))
    return Space(tuple(axes), such_that)


@given(sizes)
def test_the_last_axis_counts_fastest_and_every_combination_has_one_number(
    counts: list[int],
) -> None:
    grid = Grid(space_of(counts))
    expected = [
        {f"a{at}": value for at, value in enumerate(values)}
        for values in itertools.product(*map(range, counts))
    ]

    assert [grid.propose(number).values for number in range(len(grid))] == expected


@given(sizes, st.integers(0, 3))
def test_a_condition_leaves_out_points_before_the_others_are_numbered(
    counts: list[int], least: int
) -> None:
    whole = Grid(space_of(counts))
    every = [whole.values(number) for number in range(len(whole))]
    kept = [values for values in every if float(str(values["a0"])) >= least]
    grid = Grid(space_of(counts, f"a0 >= {least}"))

    if kept:
        assert [grid.values(number) for number in range(len(grid))] == kept
    else:
        with pytest.raises(GitexpError, match=f"no point fulfils 'a0 >= {least}'"):
            len(grid)


def test_of_points_that_differ_in_what_does_not_apply_there_is_one() -> None:
    grid = Grid(
        Space(
            (
                Axis("model", Choices(("rf", "svm"))),
                Axis("trees", Choices((10, 100)), when="model = rf"),
                Axis("c", Choices((1, 2)), when="model = 'svm'"),
            )
        )
    )

    assert [dict(grid.values(number)) for number in range(len(grid))] == [
        {"model": "rf", "trees": 10},
        {"model": "rf", "trees": 100},
        {"model": "svm", "c": 1},
        {"model": "svm", "c": 2},
    ]


def test_listed_points_have_the_numbers_of_their_rows() -> None:
    rows = ({"lr": 3}, {"lr": 1, "x": 2})
    grid = Grid(Space((Axis("lr", Choices((3, 1))), Axis("x", Choices((2,)))), rows=rows))

    assert [grid.values(number) for number in range(len(grid))] == [*rows]


def test_there_is_nothing_beyond_the_last_point_and_no_grid_over_an_interval() -> None:
    with pytest.raises(Exhausted, match="the space has 6 points, all were tried"):
        Grid(space_of([2, 3])).propose(6)
    with pytest.raises(GitexpError, match="a grid needs values, and 'x' is an interval"):
        Grid(Space((Axis("x", Interval(0, 1)),)))
