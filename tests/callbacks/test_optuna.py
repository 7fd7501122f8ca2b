"""The trials of a study of Optuna, logged as they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from gitexp.callbacks.optuna import GitexpCallback
from gitexp.series.logged import read_logged
from gitexp.writing import calls


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a run that is under way."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    calls.log_into(str(tmp_path))
    yield tmp_path
    calls.log_into(None)


def test_the_curve_is_the_history_of_the_study(folder: Path) -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        if trial.number == 2:
            raise optuna.TrialPruned
        if trial.number == 4:
            raise ValueError(x)
        return x * x

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=8, callbacks=[GitexpCallback()], catch=(ValueError,))

    logged = read_logged(folder)
    ended = {trial.number: trial.value for trial in study.trials if trial.value is not None}
    value, best = logged.series["value"], logged.series["best_value"]
    assert len(ended) == 6
    assert dict(zip(value.steps, value.values, strict=True)) == ended
    assert best.last == study.best_value
    assert logged.summary == {"best_value": study.best_value, "best_trial": study.best_trial.number}
    assert logged.params == {"best": study.best_params}


def test_of_several_objectives_each_has_a_curve(folder: Path) -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.optimize(
        lambda trial: (trial.number, -trial.number), n_trials=3, callbacks=[GitexpCallback()]
    )

    assert {key: one.values for key, one in read_logged(folder).series.items()} == {
        "value_0": [0, 1, 2],
        "value_1": [0, -1, -2],
    }
