"""Importances by Optuna's PED-ANOVA, of all results and of resamples of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import optuna
from optuna.importance import PedAnovaImportanceEvaluator

from gitexp.sweep.importance import RESAMPLES, Importance, importance_of, needed_runs
from gitexp.sweep.sampling.distributions import Translator
from gitexp.sweep.sampling.library import quiet
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sampling.trials import TrialList, create_study, trial_of
from gitexp.sweep.sweep import Sweep


def importance_in(sweep: Sweep, results: Sequence[Result]) -> Importance | None:
    """Return how much each axis mattered; None if there are too few results to say so.

    With several objectives, it is how much it mattered for being on the Pareto front.
    """
    axes = [axis.name for axis in sweep.space.axes if axis.count > 1]
    measured = [result for result in results if result.told == "complete"]
    if not axes or not sweep.objectives or len(measured) < needed_runs(len(axes)):
        return None
    translator = Translator(sweep.space)
    storage = TrialList()
    with quiet():
        study = create_study(sweep.objectives, storage=storage)
        shares = _shares(study, storage, measured, translator, axes)
        source = Random(sweep.seed)  # noqa: S311 - no secret
        resampled = [
            _shares(study, storage, source.choices(measured, k=len(measured)), translator, axes)
            for _ in range(RESAMPLES)
        ]
    return importance_of(shares, resampled)


def _shares(
    study: optuna.Study,
    storage: TrialList,
    results: Sequence[Result],
    translator: Translator,
    axes: Sequence[str],
) -> Mapping[str, float]:
    storage.trials = [trial_of(number, result, translator) for number, result in enumerate(results)]
    found = optuna.importance.get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    return {name: found.get(name, 0.0) for name in axes}
