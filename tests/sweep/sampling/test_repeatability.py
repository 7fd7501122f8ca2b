"""A point is what its number and the results it may know make of it, in whichever process."""

from __future__ import annotations

import importlib.util
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.sweep.known import Known
from gitexp.sweep.point import Spot
from gitexp.sweep.sweep import SamplerName

from tests.sweep.virtual import bowl, chooser_of, points_of, sweep_of, worked

SAMPLERS: list[SamplerName] = ["random", "qmc", "tpe", "cmaes", "nsga2"]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_forty_points_at_once_are_those_of_a_sweep_that_went_on_in_another_clone(
    sampler: SamplerName,
) -> None:
    sweep = sweep_of(sampler)

    at_once = worked(sweep, 40)
    first = worked(sweep, 25)
    then = worked(sweep, 40, known=Known(settled=first.settled))

    assert points_of(then) == points_of(at_once)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_forty_points_by_four_agents_are_the_same_however_long_each_takes(
    sampler: SamplerName,
) -> None:
    options = {"population_size": 8} if sampler == "nsga2" else {}
    sweep = sweep_of(sampler, window=6, options=options)

    def durations(seed: int) -> dict[int, float]:
        source = random.Random(seed)
        return {number: source.lognormvariate(0, 1) for number in range(40)}

    alone = worked(sweep, 40)
    by_four = [worked(sweep, 40, jobs=4, duration=durations(seed).__getitem__) for seed in (1, 2)]

    assert [points_of(known) for known in by_four] == [points_of(alone)] * 2


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_points_that_knew_what_there_was_are_worked_out_again_from_what_they_knew(
    sampler: SamplerName,
) -> None:
    sweep = sweep_of(sampler, options={"population_size": 4} if sampler == "nsga2" else {})
    source = random.Random(3)
    lasting = [source.lognormvariate(0, 1) for _ in range(30)]

    known = worked(sweep, 30, jobs=4, duration=lasting.__getitem__, asap=True)

    again = chooser_of(sweep)
    for number, values in enumerate(points_of(known)):
        by = known.settled[Spot(number)].known
        assert again.choose(number, known, by).values == values
    assert len({known.settled[Spot(number)].known for number in range(30)}) > 20


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=14, max_size=14), st.integers(1, 5))
def test_any_order_of_ends_gives_the_same_points(lasting: list[float], jobs: int) -> None:
    sweep = sweep_of("tpe", window=4, options={"n_startup_trials": 3})

    known = worked(sweep, 14, jobs=jobs, duration=lasting.__getitem__)

    assert points_of(known) == _alone()


def _alone() -> list[object]:
    if not _ALONE:
        sweep = sweep_of("tpe", window=4, options={"n_startup_trials": 3})
        _ALONE.extend(points_of(worked(sweep, 14)))
    return _ALONE


_ALONE: list[object] = []


def test_another_seed_gives_other_points() -> None:
    one, other = (points_of(worked(sweep_of("tpe", seed=seed), 12)) for seed in (0, 1))

    assert not any(values in one for values in other)


def test_an_agent_waits_for_the_results_that_a_point_needs() -> None:
    sweep = sweep_of("tpe", window=2)
    chooser, known = chooser_of(sweep), worked(sweep, 2)

    waits = [chooser.waits_for(number, known) for number in range(6)]

    assert waits == [(), (), (), (), (), (2,)]
    assert chooser_of(sweep_of("random", window=2)).waits_for(5, Known()) == ()


def test_a_pending_point_that_nobody_has_written_down_is_worked_out() -> None:
    sweep = sweep_of("tpe", window=3, options={"n_startup_trials": 3})
    known = worked(sweep, 12)
    cut = Known(settled={spot: run for spot, run in known.settled.items() if spot.number < 9})

    assert chooser_of(sweep).choose(11, cut).values == points_of(known)[11]


def test_a_run_that_was_removed_and_made_again_changes_what_comes_after() -> None:
    sweep = sweep_of("nsga2", options={"population_size": 4})
    chooser, known = chooser_of(sweep), worked(sweep, 20)
    before = [chooser.choose(number, known).values for number in range(20)]

    otherwise = worked(sweep, 20, lambda values: (-bowl(values)[0],))

    assert before == points_of(known)
    assert chooser.choose(19, otherwise).values == points_of(otherwise)[19] != before[19]


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not in the extra 'test'"
)
def test_points_of_a_gaussian_process_are_the_same_in_another_clone_and_by_two_agents() -> None:
    sweep = sweep_of("gp", window=2, options={"n_startup_trials": 4})
    source = random.Random(1)
    lasting = [source.lognormvariate(0, 1) for _ in range(7)]

    at_once, first = worked(sweep, 7), worked(sweep, 5)
    then = worked(sweep, 7, known=Known(settled=first.settled))
    by_two = worked(sweep, 7, jobs=2, duration=lasting.__getitem__)

    assert points_of(then) == points_of(by_two) == points_of(at_once)
