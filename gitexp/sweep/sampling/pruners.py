"""Optuna's pruners: whether a run that is under way is to be stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import optuna
from optuna.pruners import BasePruner
from optuna.trial import TrialState

from gitexp.model.values import Value
from gitexp.sweep.sampling.library import quiet
from gitexp.sweep.sampling.options import made
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sampling.trials import STATES, TrialList, bare_trial, create_study
from gitexp.sweep.sweep import Objective, PrunerName, Pruning

_CLASSES: Mapping[PrunerName, type[BasePruner]] = {
    "median": optuna.pruners.MedianPruner,
    "percentile": optuna.pruners.PercentilePruner,
    "threshold": optuna.pruners.ThresholdPruner,
    "patient": optuna.pruners.PatientPruner,
}
"""Those that decide by what they are shown: halving ones write into a storage."""
_DEFAULTS: Mapping[PrunerName, Mapping[str, Value]] = {
    "percentile": {"percentile": 25.0},
    "patient": {"patience": 5},
}


class Judge:
    """Decides over one run, step by step, by the results that its point may know."""

    def __init__(self, pruning: Pruning, results: Sequence[Result]) -> None:
        self._pruner = pruner_of(pruning)
        trials = TrialList()
        with quiet():
            self._study = create_study([Objective(pruning.metric, pruning.goal)], storage=trials)
        trials.trials = [_trial(number, result) for number, result in enumerate(results)]

    def stops(self, steps: Mapping[int, float]) -> bool:
        """Return whether a run with these intermediate values is to be stopped, now."""
        trial = bare_trial(len(self._study.trials), TrialState.RUNNING, steps=steps)
        with quiet():
            return bool(self._pruner.prune(self._study, trial))


def pruner_of(pruning: Pruning) -> BasePruner:
    """Return Optuna's pruner; raises GitexpError for options that it does not have."""
    options = {**_DEFAULTS.get(pruning.pruner, {}), **pruning.options}
    ours = {"wrapped_pruner": None} if pruning.pruner == "patient" else {}
    who = f"the pruner '{pruning.pruner}'"
    pruner = made(_CLASSES[pruning.pruner], who, options, **ours)
    assert isinstance(pruner, BasePruner)
    return pruner


def _trial(number: int, result: Result) -> optuna.trial.FrozenTrial:
    """Return a result as pruners see it: they look at steps, and at which runs came to an end."""
    values = [0.0] if result.told == "complete" else None
    return bare_trial(number, STATES[result.told], values=values, steps=result.steps)
