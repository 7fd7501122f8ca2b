"""Readings that equal one of an end, seed for seed."""

from __future__ import annotations

import pytest

from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.values import Value
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.bisect import Bisection, Settings, ends_of
from gitexp.tracing.known import Taken
from gitexp.tracing.suspects import Suspects
from gitexp.tracing.twins import Twins

COMMITS = 64
_FLAT = (0.0, -3.2, 0.24, -0.63, 0.62, -0.89, -0.46, -0.15)
"""What a seed adds, which is more than what the commit does."""


def reading(value: float | None, seed: int | None = 0) -> Taken:
    params: dict[str, dict[str, Value]] = {"params.yaml": {"rate": value}}
    if seed is not None:
        params["params.yaml"]["seed"] = seed
    record = RunRecord(
        *("", "", "done", Exit(0), (), "", Inputs(""), "", ""), params=params, project=""
    )
    return Taken(StoredRun("", "", "", "", b"", known=record), value)


def twins_of(good: list[Taken], bad: list[Taken]) -> Twins:
    return Twins(good, bad, lambda name: name == "seed")


@pytest.mark.parametrize(
    ("value", "seed", "like"),
    [
        (14.49, 0, False),
        (15.95, 0, True),
        (14.49, 1, None),  # what the end comes to with that seed is not known
        (14.4900001, 0, None),
        (None, 0, None),
        (9.0, 5, None),  # both ends came to it
        (7.0, 6, None),  # with the same seed the end came to something else as well
    ],
)
def test_a_reading_is_like_the_end_that_came_to_it_with_its_seed(
    value: float | None, seed: int, like: bool | None
) -> None:
    good = [reading(14.49), reading(9.0, 5), reading(7.0, 6), reading(7.5, 6)]
    bad = [reading(15.95), reading(9.0, 5)]

    [marked] = twins_of(good, bad).marked([reading(value, seed)])

    assert marked.like is like


def test_without_seeds_all_runs_are_made_alike() -> None:
    found = twins_of([reading(1.0, None)], [reading(2.0, None)]).marked([reading(1.0, None)])

    assert found[0].like is False


def test_one_reading_of_each_end_is_enough_where_nothing_is_left_to_chance() -> None:
    reach = [(2 << at) - 1 for at in range(COMMITS)]
    suspects = Suspects("good", [str(at) for at in range(COMMITS)], reach, reach[-1])
    twins = twins_of([reading(14.49)], [reading(15.95)])
    times: dict[int, int] = {}

    def read(at: int) -> Taken:
        seed = times[at] = times.get(at, -1) + 1
        return reading((15.95 if at >= 41 else 14.49) + _FLAT[seed], seed)

    search = Bisection(suspects, ends_of([14.49], [15.95], 0.0), {}, Settings())
    found = search.find(lambda chosen: twins.marked([read(at) for at in chosen]), lambda _: None)

    assert list(found.likely) == [41]
    assert found.made <= 7
    assert set(times.values()) == {0}
