from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from gitexp.errors import GitexpError
from gitexp.sweep.sampling.pruners import Judge, pruner_of
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Pruning


def result(number: int, told: Any, *steps: float) -> Result:
    objectives = (steps[-1],) if told == "complete" else ()
    return Result(number, {}, told, objectives, dict(enumerate(steps)))


EARLIER = [
    result(0, "complete", 1.0, 0.5, 0.1),
    result(1, "complete", 1.0, 0.6, 0.2),
    result(2, "failed"),
    result(3, "complete", 1.0, 0.7, 0.3),
    result(4, "pruned", 1.0, 0.9),
    result(5, "complete", 1.0, 0.8, 0.4),
    result(6, "complete", 1.0, 0.9, 0.5),
]


def cut_at(pruning: Pruning, steps: Sequence[float], results: Sequence[Result] = EARLIER) -> Any:
    """Return the step at which a run is stopped; None if it never is."""
    judge = Judge(pruning, results)
    for at in range(len(steps)):
        if judge.stops(dict(enumerate(steps[: at + 1]))):
            return at
    return None


def test_a_run_below_the_median_of_those_that_ended_is_stopped() -> None:
    pruning = Pruning("loss", "min")

    assert cut_at(pruning, [1.0, 0.75, 0.1]) == 1
    assert cut_at(pruning, [1.0, 0.65, 0.29]) is None
    assert cut_at(pruning, [1.0, 0.65, 0.31]) == 2
    assert cut_at(pruning, [math.nan]) == 0


def test_what_is_better_is_the_goal_s_business() -> None:
    assert cut_at(Pruning("accuracy", "max"), [1.0, 0.75, 0.29]) is None
    assert cut_at(Pruning("accuracy", "max"), [0.9, 0.75, 0.29]) == 0


def test_nothing_is_stopped_before_enough_runs_have_ended() -> None:
    assert cut_at(Pruning("loss", "min"), [9.0, 9.0, 9.0], EARLIER[:5]) is None
    assert cut_at(Pruning("loss", "min", options={"n_startup_trials": 2}), [9.0], EARLIER[:5]) == 0


def test_other_pruners() -> None:
    percentile = Pruning("loss", "min", "percentile")
    threshold = Pruning("loss", "min", "threshold", {"upper": 0.9, "n_warmup_steps": 1})
    patient = Pruning("loss", "min", "patient", {"patience": 1})

    assert cut_at(percentile, [1.0, 0.65, 0.1]) == 1
    assert cut_at(percentile, [1.0, 0.55, 0.19]) is None
    assert cut_at(threshold, [5.0, 0.8, 0.95], []) == 2
    assert cut_at(patient, [1.0, 0.5, 0.6, 0.7, 0.8], []) == 3


@pytest.mark.parametrize(
    ("pruning", "message"),
    [
        (
            Pruning("loss", "min", options={"warmup": 3}),
            "the pruner 'median' has no option 'warmup'",
        ),
        (
            Pruning("loss", "min", "threshold"),
            (
                "the pruner 'threshold' cannot be made with these options: "
                "Either lower or upper must be specified"
            ),
        ),
        (
            Pruning("loss", "min", "percentile", {"percentile": 200}),
            (
                "the pruner 'percentile' cannot be made with these options: "
                "Percentile must be between 0 and 100 inclusive, but got percentile=200"
            ),
        ),
    ],
)
def test_options_that_a_pruner_does_not_take_are_refused(pruning: Pruning, message: str) -> None:
    with pytest.raises(GitexpError) as caught:
        pruner_of(pruning)

    assert str(caught.value) == message
