"""Axes that made no difference are named at the end of a sweep."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot
from gitexp.sweep.space import Axis, Choices, Space
from gitexp.sweep.sweep import Objective, Sweep
from gitexp.sweep.without_effect import without_effect

SWEEP = Sweep(
    command=("python", "train.py"),
    space=Space((Axis("lr", Choices((1, 2))), Axis("depth", Choices((2, 4, 8))))),
    inputs="0",
    sampler="grid",
    objectives=(Objective("loss", "min"),),
    window=0,
)


def grid(loss: Callable[[int, int], float | None], count: int = 6) -> list[Settled]:
    """Return the first points of the grid, each with a loss."""
    return [
        Settled(
            *(Spot(at), f"id{at}", f"scan-{at}", "done", None, "2026-01-02T03:04:05.000Z"),
            {"lr": lr, "depth": depth},
            (loss(lr, depth),),
        )
        for at, (lr, depth) in enumerate(itertools.product((1, 2), (2, 4, 8)))
    ][:count]


@pytest.mark.parametrize(
    ("loss", "count", "expected"),
    [
        (lambda lr, depth: lr / depth, 6, ()),
        (lambda lr, depth: lr + 0 * depth, 6, ("depth",)),
        (lambda lr, depth: depth + 0 * lr, 6, ("lr",)),
        (lambda lr, depth: 0.5 + 0 * lr * depth, 6, ("lr", "depth")),
        (lambda lr, depth: lr if depth < 8 else 0.0, 6, ()),  # one point tells them apart
        (lambda lr, depth: lr + 0 * depth, 2, ()),  # two points may well be alike
        (lambda lr, depth: None if lr + depth else 0.0, 6, ()),
    ],
)
def test_an_axis_is_named_where_runs_that_differ_in_it_alone_come_to_the_same(
    loss: Callable[[int, int], float | None], count: int, expected: tuple[str, ...]
) -> None:
    assert without_effect(SWEEP, grid(loss, count)) == expected
