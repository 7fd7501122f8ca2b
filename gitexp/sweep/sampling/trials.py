"""Results as trials of Optuna, and the study that they are put into: a list, and no storage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from gitexp.model.policy import Goal
from gitexp.sweep.sampling.distributions import Translator
from gitexp.sweep.sampling.sampler import Result, Told
from gitexp.sweep.sweep import Objective

_SOME_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Optuna's times are naive
"""When trials began and ended: no sampler looks at it, and nothing may depend on now."""

_DIRECTIONS: Mapping[Goal, StudyDirection] = {
    "max": StudyDirection.MAXIMIZE,
    "min": StudyDirection.MINIMIZE,
}
STATES: Mapping[Told, TrialState] = {
    "complete": TrialState.COMPLETE,
    "failed": TrialState.PRUNED,  # as FAIL it would be ignored, and the region tried again
    "pruned": TrialState.PRUNED,
    "pending": TrialState.RUNNING,
}


class TrialList(InMemoryStorage):
    """The trials of one study, which may be exchanged as a whole.

    Optuna's own storage copies each trial that it is given, and cannot forget one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trials: list[FrozenTrial] = []
        """Each has its place in the list as its number and its id."""

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:  # noqa: ARG002 - Optuna's interface, as below
        """Append a trial that runs; templates are put into the list by their maker."""
        assert template_trial is None
        number = len(self.trials)
        self.trials.append(bare_trial(number, TrialState.RUNNING))
        return number

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return the trial itself: what is asked for is about to be changed."""
        return self.trials[trial_id]

    def get_all_trials(
        self,
        study_id: int,  # noqa: ARG002
        deepcopy: bool = True,  # noqa: ARG002
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return the trials in a list of its own, never copied: samplers only read them."""
        if states is None:
            return list(self.trials)
        return [trial for trial in self.trials if trial.state in states]

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Note what a sampler chose."""
        trial = self.trials[trial_id]
        trial.params[param_name] = distribution.to_external_repr(param_value_internal)
        trial.distributions[param_name] = distribution

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Note what a sampler keeps with the trial that it is asked for."""
        self.trials[trial_id].system_attrs[key] = value


def create_study(
    objectives: Sequence[Objective],
    sampler: BaseSampler | None = None,
    storage: InMemoryStorage | None = None,
) -> optuna.Study:
    """Return a study with the goals of a sweep; without any, samplers need one all the same."""
    directions = [_DIRECTIONS[objective.goal] for objective in objectives]
    return optuna.create_study(
        storage=storage if storage is not None else InMemoryStorage(),
        sampler=sampler,
        directions=directions or [StudyDirection.MINIMIZE],
    )


def trial_of(number: int, result: Result, translator: Translator) -> FrozenTrial:
    """Return a result as the trial of that number; values outside of the space are ignored."""
    params = translator.encode(result.values)
    if params is None:
        return bare_trial(number, TrialState.FAIL)
    return bare_trial(
        number,
        STATES[result.told],
        params=params,
        distributions={name: translator.distributions[name] for name in params},
        values=result.objectives if result.told == "complete" else None,
        steps=result.steps,
    )


def bare_trial(
    number: int,
    state: TrialState,
    *,
    params: Mapping[str, Any] | None = None,
    distributions: Mapping[str, BaseDistribution] | None = None,
    values: Sequence[float] | None = None,
    steps: Mapping[int, float] | None = None,
) -> FrozenTrial:
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=state,
        value=None,
        values=values,
        datetime_start=_SOME_TIME,
        datetime_complete=_SOME_TIME if state.is_finished() else None,
        params=dict(params or {}),
        distributions=dict(distributions or {}),
        user_attrs={},
        system_attrs={},
        intermediate_values=dict(steps or {}),
    )
