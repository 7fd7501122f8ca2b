"""A sweep as a study of Optuna, for its plots: in memory, with the values themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TypeAlias

import optuna
from msgspec import Struct
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from gitexp.model.values import Value, dumps
from gitexp.sweep.sampling.distributions import distribution_of
from gitexp.sweep.sampling.library import quiet
from gitexp.sweep.sampling.sampler import Result, Told
from gitexp.sweep.sampling.trials import create_study
from gitexp.sweep.space import Axis, Choices
from gitexp.sweep.sweep import Sweep

Label: TypeAlias = "str | int | float | None"
_PAIR = 2
_STATES: dict[Told, TrialState] = {
    "complete": TrialState.COMPLETE,
    "failed": TrialState.FAIL,
    "pruned": TrialState.PRUNED,
}


class Ran(Struct, frozen=True):
    """What a trial is made of."""

    result: Result
    run: str
    """The name of the run."""
    started: datetime
    ended: datetime


def study_of(sweep: Sweep, ran: Sequence[Ran]) -> optuna.Study:
    """Return a study with a trial for each run; what was not in the space is left out."""
    axes = {axis.name: _ShownAxis(axis) for axis in sweep.space.axes}
    with quiet():
        study = create_study(sweep.objectives)
        study.set_user_attr("sweep", sweep.name or sweep.id)
        if sweep.objectives:
            study.set_metric_names([objective.metric for objective in sweep.objectives])
        for one in ran:
            trial = _trial(one, axes)
            if trial is not None:
                study.add_trial(trial)
    return study


class _ShownAxis:
    """An axis with its own values, as a plot is to show them."""

    def __init__(self, axis: Axis) -> None:
        self._labels: dict[str, Label] | None = None
        if not isinstance(axis.domain, Choices):
            self.distribution = distribution_of(axis)
            return
        values = axis.domain.values
        labels = _labels(values)
        self._labels = dict(zip(map(dumps, values), labels, strict=True))
        step = _step(values) if axis.domain.ordered else None
        self.distribution = (
            CategoricalDistribution(labels)
            if step is None
            else IntDistribution(min(step), max(step), step=step[1] - step[0])
        )

    def param(self, value: Value) -> Label:
        """Return a value as the trial has it; raises KeyError or ValueError for a foreign one."""
        if self._labels is not None:
            return self._labels[dumps(value)]
        number = self.distribution.to_internal_repr(value)
        if not self.distribution._contains(number):  # noqa: SLF001 - there is no other way to ask
            raise ValueError(value)
        shown = self.distribution.to_external_repr(number)
        assert isinstance(shown, int | float)
        return shown


def _labels(values: Sequence[Value]) -> list[Label]:
    """Return values as Optuna can tell them apart: itself, 1 and true are one, and no list is."""
    plain = [value for value in values if isinstance(value, str | int | float | None)]
    if len(set(plain)) == len(values):
        return list(plain)
    texts = [value if isinstance(value, str) else dumps(value) for value in values]
    return list(texts if len(set(texts)) == len(texts) else map(dumps, values))


def _step(values: Sequence[Value]) -> range | None:
    """Return whole numbers at even distances as a range."""
    numbers = [value for value in values if type(value) is int]
    if len(numbers) < len(values) or len(numbers) < _PAIR:
        return None
    found = range(numbers[0], numbers[-1] + 1, max(1, numbers[1] - numbers[0]))
    return found if list(found) == numbers else None


def _trial(ran: Ran, axes: Mapping[str, _ShownAxis]) -> FrozenTrial | None:
    state = _STATES.get(ran.result.told)
    try:
        params = {name: axes[name].param(value) for name, value in ran.result.values.items()}
    except (KeyError, ValueError, TypeError):
        return None
    if state is None:
        return None
    complete = state == TrialState.COMPLETE
    return FrozenTrial(
        number=-1,  # Optuna counts
        trial_id=-1,
        state=state,
        value=None,
        values=(ran.result.objectives or (0.0,)) if complete else None,
        datetime_start=_local(ran.started),
        datetime_complete=_local(ran.ended),
        params=params,
        distributions={name: axes[name].distribution for name in params},
        user_attrs={"run": ran.run, "point": ran.result.number},
        system_attrs={},
        intermediate_values=dict(ran.result.steps or {}),
    )


def _local(moment: datetime) -> datetime:
    """Return a moment as Optuna has them: without a zone, in local time."""
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone().replace(tzinfo=None)
