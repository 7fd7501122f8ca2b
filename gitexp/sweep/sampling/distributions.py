"""Axes as Optuna knows them: it is given indices and numbers, never values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from gitexp.model.values import Value, dumps, is_number
from gitexp.sweep.conditions import applies
from gitexp.sweep.space import Axis, Choices, Space

Params: TypeAlias = "dict[str, float | int]"
"""A point as Optuna has it, by the names of the axes."""


class Translator:
    """The values of one space, and their numbers."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.distributions = {axis.name: distribution_of(axis) for axis in space.axes}
        self._indices = {
            axis.name: {dumps(value): index for index, value in enumerate(axis.domain.values)}
            for axis in space.axes
            if isinstance(axis.domain, Choices)
        }

    def encode(self, values: Mapping[str, Value]) -> Params | None:
        """Return the numbers that stand for values; None if one of them is not in the space."""
        params: Params = {}
        for axis in self.space.axes:
            if axis.name in values:
                number = self._number(axis, values[axis.name])
                if number is None:
                    return None
                params[axis.name] = number
        return params

    def suggest(self, trial: Trial) -> dict[str, Value]:
        """Have a trial decide each axis that applies, in their order; return the values."""
        values: dict[str, Value] = {}
        for axis in self.space.axes:
            if applies(axis, self.space.names, values):
                values[axis.name] = self._value(axis, _suggested(trial, axis.name, self))
        return values

    def _number(self, axis: Axis, value: Value) -> float | int | None:
        domain = axis.domain
        if isinstance(domain, Choices):
            return self._indices[axis.name].get(dumps(value))
        if not is_number(value) or not domain.low <= value <= domain.high:
            return None
        if domain.integer:
            return int(value) if value == int(value) else None
        return float(value)

    def _value(self, axis: Axis, number: float) -> Value:
        domain = axis.domain
        if isinstance(domain, Choices):
            return domain.values[int(number)]
        return int(number) if domain.integer else float(number)


def distribution_of(axis: Axis) -> BaseDistribution:
    """Return what an axis is; indices of ordered choices are whole numbers with neighbours."""
    domain = axis.domain
    if isinstance(domain, Choices):
        indices = range(len(domain.values))
        if domain.ordered:
            return IntDistribution(0, indices[-1])
        return CategoricalDistribution(indices)
    if domain.integer:
        return IntDistribution(int(domain.low), int(domain.high), log=domain.log)
    return FloatDistribution(domain.low, domain.high, log=domain.log)


def _suggested(trial: Trial, name: str, translator: Translator) -> float:
    distribution = translator.distributions[name]
    if isinstance(distribution, CategoricalDistribution):
        index = trial.suggest_categorical(name, distribution.choices)
        assert isinstance(index, int)
        return index
    if isinstance(distribution, IntDistribution):
        low, high = distribution.low, distribution.high
        return trial.suggest_int(name, low, high, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(name, distribution.low, distribution.high, log=distribution.log)
