from __future__ import annotations

import sys
from typing import Any

import pytest

from gitexp.errors import GitexpError
from gitexp.sweep.known import Known
from gitexp.sweep.planning import make_plan
from gitexp.sweep.sampling.library import library_version, note_of_version
from gitexp.sweep.sampling.sampler import Exhausted, Result
from gitexp.sweep.sampling.samplers import check_sampler, sampler_of
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import SamplerName

from tests.sweep.virtual import MIXED, Values, bowl, chooser_of, points_of, sweep_of, worked

SMALL = Space(
    (
        Axis("a", Choices(tuple(range(4)), ordered=True)),
        Axis("b", Choices((1, True, 1.0))),
        Axis("c", Choices(("x", "y"))),
    )
)
"""24 points, of which Optuna by itself would take three for one."""
ALL = ("random", "qmc", "tpe", "cmaes", "nsga2")


def refusal(**more: Any) -> tuple[str, str | None]:
    with pytest.raises(GitexpError) as caught:
        check_sampler(sweep_of(**more))
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize("sampler", ALL)
def test_values_lie_in_the_space_and_have_its_types(sampler: SamplerName) -> None:
    for values in points_of(worked(sweep_of(sampler), 25)):
        assert 1e-4 <= values["lr"] <= 1e-1
        assert values["depth"] in (2, 4, 8, 16)
        assert ("units" in values) == (values["model"] == "net")
        assert type(values.get("units", 8)) is int
        assert 8 <= values.get("units", 8) <= 256


@pytest.mark.parametrize("sampler", ALL)
def test_every_point_fulfils_the_condition(sampler: SamplerName) -> None:
    space = Space(MIXED.axes, such_that="lr < 0.003 and (depth < 8 or model = 'net')")

    points = points_of(worked(sweep_of(sampler, space), 20))

    assert all(p["lr"] < 0.003 and (p["depth"] < 8 or p["model"] == "net") for p in points)


@pytest.mark.parametrize("sampler", ["random", "qmc", "tpe", "nsga2"])
def test_a_space_of_24_points_gives_24_different_ones_and_ends(sampler: SamplerName) -> None:
    sweep = sweep_of(sampler, SMALL)

    def measure(values: Values) -> tuple[float, ...]:
        return (values["a"] + (values["c"] == "y"),)

    known = worked(sweep, 24, measure)

    assert len({repr(values) for values in points_of(known)}) == 24
    with pytest.raises(Exhausted, match="the space has 24 points, all were tried"):
        chooser_of(sweep).choose(24, known)


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_no_more_points_are_planned_than_a_space_has(sampler: SamplerName) -> None:
    some = Space(SMALL.axes, such_that="a < 2 and c = 'x'")

    assert make_plan(sweep_of(sampler, SMALL), Known(), 30).points == 24
    assert make_plan(sweep_of(sampler, some), Known(), 30).points == 6
    assert make_plan(sweep_of(sampler, MIXED), Known(), 30).points == 30


def test_no_condition_that_admits_nearly_nothing_goes_on_for_ever() -> None:
    space = Space((Axis("x", Interval(0, 1)),), such_that="x < 0.000000001")

    with pytest.raises(GitexpError) as caught:
        sampler_of(sweep_of("random", space)).propose(0, [])

    assert str(caught.value) == (
        "of 21,000 random points none is new and fulfils 'x < 0.000000001'"
    )


def test_a_small_part_of_the_space_is_found() -> None:
    space = Space((Axis("x", Interval(0, 1)), Axis("y", Interval(0, 1))), such_that="x < 0.01")

    points = points_of(worked(sweep_of("tpe", space), 3, lambda values: (values["y"],)))

    assert all(values["x"] < 0.01 for values in points)


def test_failures_that_are_told_keep_tpe_out_of_where_they_happen() -> None:
    space = Space((Axis("x", Interval(0, 1)), Axis("y", Interval(0, 1))))

    def measure(values: Values) -> tuple[float | None, ...]:
        """Fail beside the best values."""
        return (None,) if values["x"] > 0.6 else ((values["x"] - 0.4) ** 2 + values["y"] ** 2,)

    told = untold = 0
    for seed in (0, 1, 2):
        sweep = sweep_of("tpe", space, seed=seed)
        known = worked(sweep, 50, measure)
        told += sum(values["x"] > 0.6 for values in points_of(known)[10:])
        untold += _untold(seed, space, measure)

    assert 3 * told <= untold


def _untold(seed: int, space: Space, measure: Any) -> int:
    """Return how many of 40 points fail where failures are left out, as Optuna does by itself."""
    sampler = sampler_of(sweep_of("tpe", space, seed=seed))
    results: list[Result] = []
    failed = 0
    for number in range(50):
        values = sampler.propose(number, results).values
        (value,) = measure(values)
        if value is not None:
            results.append(Result(len(results), values, "complete", (value,)))
        elif number >= 10:
            failed += 1
    return failed


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_several_objectives_are_worked_towards_together(sampler: SamplerName) -> None:
    sweep = sweep_of(
        sampler, goals="min max", options={"population_size": 8} if sampler == "nsga2" else {}
    )

    known = worked(sweep, 20, lambda values: (bowl(values)[0], values["depth"]))

    assert chooser_of(sweep).choose(19, known).values == points_of(known)[19]


def test_options_reach_the_sampler() -> None:
    known = worked(sweep_of("tpe", options={"n_startup_trials": 3}), 6)

    assert points_of(known)[:3] == points_of(worked(sweep_of("tpe"), 6))[:3]
    assert points_of(known)[3:] != points_of(worked(sweep_of("tpe"), 6))[3:]


@pytest.mark.parametrize(
    ("sampler", "options", "message", "hint"),
    [
        (
            "tpe",
            {"n_startup_trails": 3},
            "the sampler 'tpe' has no option 'n_startup_trails'",
            "Did you mean 'n_startup_trials'?",
        ),
        ("tpe", {"seed": 3}, "the sampler 'tpe' has no option 'seed'", None),
        ("tpe", {"gamma": 3}, "the sampler 'tpe' has no option 'gamma'", None),
        (
            "qmc",
            {"turns": 1},
            "the sampler 'qmc' has no option 'turns'",
            "It has qmc_type, scramble.",
        ),
        (
            "nsga2",
            {"population_size": 1},
            (
                "the sampler 'nsga2' cannot be made with these options: "
                "`population_size` must be greater than or equal to 2"
            ),
            None,
        ),
        (
            "tpe",
            {"n_startup_trials": "ten"},
            "option 'n_startup_trials' of the sampler 'tpe' wants a whole number, not 'ten'",
            None,
        ),
        (
            "tpe",
            {"multivariate": 1},
            "option 'multivariate' of the sampler 'tpe' wants true or false, not '1'",
            None,
        ),
        (
            "random",
            {"x": 1},
            "the sampler 'random' has no options",
            "Leave out `-o`, or choose with `--sampler` one that has some, such as tpe.",
        ),
    ],
)
def test_options_that_a_sampler_does_not_take_are_refused(
    sampler: SamplerName, options: dict[str, Any], message: str, hint: str | None
) -> None:
    said, hinted = refusal(sampler=sampler, options=options)

    assert said == message
    assert hint is None or hinted == hint


def test_samplers_that_do_not_suit_a_sweep_are_refused() -> None:
    words = Space((Axis("m", Choices(("a", "b"))), Axis("x", Interval(0, 1), when="m = 'a'")))

    assert refusal(sampler="cmaes", goals="min max") == (
        "the sampler 'cmaes' works towards one metric, not 2",
        "Take `--sampler nsga2` or `--sampler tpe` for several.",
    )
    assert refusal(sampler="cmaes", space=words) == (
        "the sampler 'cmaes' needs an axis of numbers: an interval or a range, without `when`",
        "Take `--sampler tpe`.",
    )


@pytest.mark.parametrize(
    ("sampler", "library", "message", "hint"),
    [
        (
            "tpe",
            "optuna",
            "the sampler 'tpe' needs Optuna, which is not installed",
            "Install it with `pip install 'optuna>=5.0'`.",
        ),
        (
            "cmaes",
            "cmaes",
            "the sampler 'cmaes' needs cmaes, which is not installed",
            "Install it with `pip install cmaes`.",
        ),
        (
            "qmc",
            "scipy",
            "the sampler 'qmc' needs scipy, which is not installed",
            "Install it with `pip install scipy`.",
        ),
        (
            "gp",
            "torch",
            "the sampler 'gp' needs torch, which is not installed",
            "Install it with `pip install torch scipy`.",
        ),
    ],
)
def test_what_is_not_installed_is_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, sampler: SamplerName, library: str, message: str, hint: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    assert refusal(sampler=sampler) == (message, hint)
    check_sampler(sweep_of("random"))


def test_a_sweep_that_goes_on_with_another_optuna_is_told_so() -> None:
    now = library_version()

    assert note_of_version({"optuna": now}, 31) is None
    assert note_of_version({}, 31) is None
    assert note_of_version({"optuna": "4.9.0"}, 31) == (
        f"note: the sweep was begun with Optuna 4.9.0, and this is {now}: points from 31 on may "
        "differ from those that Optuna 4.9.0 would have chosen"
    )


def test_values_that_another_hand_made_do_not_stop_a_sampler() -> None:
    elsewhere: list[Values] = [
        {"lr": 5.0, "depth": 4, "model": "net", "units": 8},
        {"lr": 0.01, "depth": 5, "model": "net", "units": 8.5},
        {"lr": "low", "depth": 4, "model": "forest"},
    ]
    results = [Result(number, one, "complete", (3.0,)) for number, one in enumerate(elsewhere)]

    for sampler in ("tpe", "nsga2", "cmaes"):
        values: Values = sampler_of(sweep_of(sampler)).propose(3, results).values

        assert 1e-4 <= values["lr"] <= 1e-1


def test_results_that_say_nothing_are_no_obstacle() -> None:
    values = list(points_of(worked(sweep_of("random"), 12)))
    results = [
        Result(number, one, ("failed", "pending", "pruned")[number % 3])
        for number, one in enumerate(values)
    ]

    for sampler in ("tpe", "nsga2", "cmaes"):
        assert sampler_of(sweep_of(sampler)).propose(12, results).values not in values
    assert chooser_of(sweep_of("tpe")).choose(0, Known()).draw == 0
