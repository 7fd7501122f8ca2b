"""How one metric moved over runs in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from gitexp.comparison.ranking import ruled_name
from gitexp.model.numbers import difference, is_nan
from gitexp.model.policy import Goal, Policy


class MeasuredRun(NamedTuple):
    """A run with a value: little enough for a hundred thousand to be held at once."""

    oid: str
    id: str
    name: str
    started: str
    value: float


class Step(Struct, frozen=True):
    """One run with a value."""

    run: MeasuredRun
    before: float | None
    """The value of the run before."""
    best: float | None
    """The best up to here, if the policy says which direction is better."""
    improved: bool
    """Whether this run is better than all before it, by more than the tolerance."""

    @property
    def value(self) -> float:
        """The value of the run."""
        return self.run.value

    @property
    def change(self) -> float | None:
        """How far the metric moved since the run before; exact, and only if it is asked for."""
        return None if self.before is None else difference(self.before, self.value)


class Trend(Struct, frozen=True):
    """The runs with a value, oldest first."""

    metric: str
    goal: Goal | None
    steps: tuple[Step, ...]
    without: int = 0
    """How many runs have no such value."""
    failed: int = 0
    """How many of those did not end well."""
    is_param: bool = False
    """Whether a param is followed, which cannot be better or worse."""


def trend(
    metric: str,
    runs: Iterable[MeasuredRun],
    policy: Policy | None,
    *,
    without: int = 0,
    failed: int = 0,
) -> Trend:
    """Follow a metric over the runs that have it, which come in the order of time.

    Or a param, which has no policy.
    """
    is_param, policy = policy is None, policy or Policy()
    name = ruled_name(policy, metric)
    rule = policy.rule(name)
    goal = rule.goal if rule is not None else None
    steps = tuple(_steps(name, goal, runs, policy))
    return Trend(metric, goal, steps, without, failed, is_param)


def _steps(
    metric: str, goal: Goal | None, runs: Iterable[MeasuredRun], policy: Policy
) -> Iterator[Step]:
    """Yield the steps; what is within the tolerance of the last improvement is not another."""
    before: float | None = None
    best: float | None = None
    last_improvement: float | None = None
    for run in runs:
        value = run.value
        if last_improvement is None:
            improved, last_improvement = False, value
        else:
            improved = (
                _better(last_improvement, value, goal) != last_improvement
                and policy.mark(metric, last_improvement, value) == "better"
            )
            last_improvement = value if improved else last_improvement
        best = _better(best, value, goal)
        yield Step(run, before, best, improved)
        before = value


def _better(best: float | None, value: float, goal: Goal | None) -> float | None:
    if goal is None or is_nan(value):
        return best
    if best is None:
        return value
    return max(best, value) if goal == "max" else min(best, value)
