"""Optuna: a callback, for `study.optimize(…, callbacks=[GitexpCallback()])`."""

from __future__ import annotations

from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from gitexp.writing.calls import log, param, summary


class GitexpCallback:
    """Logs the value of each trial at its number, and records the best params."""

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Log a trial that is complete; pruned and failed ones have no value."""
        if trial.state is not TrialState.COMPLETE:
            return
        if len(trial.values) > 1:
            log({f"value_{at}": value for at, value in enumerate(trial.values)}, trial.number)
            return
        best = study.best_trial
        log({"value": trial.values[0], "best_value": best.values[0]}, trial.number)
        if best.number == trial.number:
            found: dict[str, Any] = {"best_value": best.values[0], "best_trial": best.number}
            summary.update(found)
            param({"best": dict(best.params)})
