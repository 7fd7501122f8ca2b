from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

import optuna
import pytest

from gitexp.sweep.sampling.mattering import importance_in
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sampling.study import Ran, study_of
from gitexp.sweep.space import Axis, Choices, Interval, Space

from tests.sweep.virtual import Values, points_of, sweep_of, worked

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SPACE = Space(
    (
        Axis("lr", Interval(0.001, 0.1, log=True)),
        Axis("depth", Choices((2, 4, 6), ordered=True)),
        Axis("mix", Choices((1, True, 1.0, "1"))),
        Axis("layers", Choices(([64, 32], [8]))),
        Axis("model", Choices(("a", "b", None))),
    )
)


def results(sweep: Any, points: int, measure: Any) -> list[Result]:
    return [
        Result(number, values, "complete", measure(values))
        for number, values in enumerate(points_of(worked(sweep, points, measure)))
    ]


def depth_alone(values: Values) -> tuple[float, ...]:
    return (abs(values["depth"] - 6) + 0.001 * math.sin(1e6 * values["lr"]),)


def test_what_decided_the_metric_is_found_from_ten_runs_an_axis_on() -> None:
    space = Space(SPACE.axes[:2])
    sweep = sweep_of("random", space)
    found = results(sweep, 60, depth_alone)

    importance = importance_in(sweep, found)

    assert importance is not None
    assert next(iter(importance.shares)) == "depth"
    assert importance.groups[0] == ("depth",)
    assert abs(sum(importance.shares.values()) - 1) < 1e-9
    assert importance_in(sweep, found) == importance
    assert importance_in(sweep, found[:19]) is None
    assert importance_in(sweep_of("random", space, goals=""), found) is None


def test_a_study_has_the_values_themselves() -> None:
    sweep = sweep_of("random", SPACE, name="scan")
    found = results(sweep, 8, depth_alone)

    study = study_of(sweep, [Ran(one, f"scan-{one.number}", WHEN, WHEN) for one in found])

    assert [trial.params["lr"] for trial in study.trials] == [one.values["lr"] for one in found]
    assert {trial.params["mix"] for trial in study.trials} <= {"1", "true", "1.0", '"1"'}
    assert {trial.params["layers"] for trial in study.trials} == {"[64,32]", "[8]"}
    assert study.best_trial.user_attrs["run"] == f"scan-{study.best_trial.user_attrs['point']}"
    assert study.best_value == min(one.objectives[0] for one in found)
    assert study.metric_names == ["metric0"]
    assert study.direction == optuna.study.StudyDirection.MINIMIZE


def test_a_study_has_failed_and_pruned_runs_and_none_from_elsewhere() -> None:
    sweep = sweep_of("random", SPACE)
    (one,) = results(sweep, 1, depth_alone)
    told = [
        Result(0, one.values, "failed"),
        Result(1, one.values, "pruned", steps={0: 0.5}),
        Result(2, one.values, "pending"),
        Result(3, {**one.values, "depth": 3}, "complete", (1.0,)),
    ]

    study = study_of(sweep, [Ran(result, "r", WHEN, WHEN) for result in told])

    states = [trial.state.name for trial in study.trials]
    assert states == ["FAIL", "PRUNED"]
    assert study.trials[1].intermediate_values == {0: 0.5}


@pytest.mark.parametrize("goals", ["min", "min max"])
def test_optunas_own_tools_take_it(goals: str) -> None:
    sweep = sweep_of("random", SPACE, goals=goals)

    def measure(values: Values) -> tuple[float, ...]:
        return (*depth_alone(values), values["lr"])[: len(goals.split())]

    found = results(sweep, 20, measure)
    study = study_of(sweep, [Ran(one, f"r{one.number}", WHEN, WHEN) for one in found])

    importances = optuna.importance.get_param_importances(study)

    assert set(importances) == {axis.name for axis in SPACE.axes}
    assert len(study.best_trials) >= 1
