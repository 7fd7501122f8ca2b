"""How one metric moved over runs in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from gitexp.comparison.diff import is_number
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse_column
from gitexp.comparison.query.resolve import resolve_metric
from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.model.numbers import difference
from gitexp.model.policy import Goal, Policy
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.values import Value

Followed = Literal["metrics", "params"]


@dataclass(frozen=True)
class MeasuredRun:
    """What is asked of each run: little enough for a hundred thousand to be held at once."""

    oid: str
    id: str
    name: str
    started: str
    done: bool
    values: Mapping[str, Value]
    """Metrics or params, by flat name."""

    @classmethod
    def of(cls, oid: str, record: RunRecord, kind: Followed = "metrics") -> MeasuredRun:
        """Take what is needed from a record, given with the oid of its commit."""
        values = flat_values(record.metrics if kind == "metrics" else record.params)
        done = record.status == "done"
        return cls(oid, record.id, record.name, record.started, done, values)


@dataclass(frozen=True)
class Step:
    """One run with a value."""

    run: MeasuredRun
    value: float
    change: float | None
    """How far the metric moved since the run before."""
    best: float | None
    """The best up to here, where the policy says which direction is better."""
    improved: bool
    """Whether this run is better than all before it, by more than the tolerance."""


@dataclass(frozen=True)
class Trend:
    """The runs with a value, oldest first."""

    metric: str
    goal: Goal | None
    steps: tuple[Step, ...]
    without: int = 0
    """How many runs have no such value."""
    failed: int = 0
    """How many of those did not end well."""
    is_param: bool = False
    """Whether it is a param that is followed, of which nothing is better."""


def followed_kind(text: str) -> Followed:
    """Return what a name asks for: `params.lr` for a param, anything else for a metric."""
    column = parse_column(text)
    if column.kind == "attribute":
        raise GitexpError(f"'{text}' is no metric", hint="A metric is a number that a run wrote.")
    return "params" if column.kind == "params" else "metrics"


def find_values(text: str, runs: Iterable[MeasuredRun], params: Iterable[Column] = ()) -> str:
    """Return the flat name of the values that a text means: all of it, or its last parts.

    `params` are those that there are. Raises QueryError where no run has such values, or
    where several answer to the name.
    """
    names = dict.fromkeys(name for run in runs for name in run.values)
    known = [*params, *(Column(followed_kind(text), name) for name in names)]
    return resolve_metric(parse_column(text), list(dict.fromkeys(known))).name


def trend(metric: str, runs: Iterable[MeasuredRun], policy: Policy | None) -> Trend:
    """Follow a metric over runs that come in any order, or a param, which has no policy."""
    is_param, policy = policy is None, policy or Policy()
    in_time = sorted(runs, key=lambda run: parse_time(run.started))
    rule = policy.rule(metric)
    measured = [(run, value) for run in in_time if is_number(value := run.values.get(metric))]
    missing = [run for run in in_time if not is_number(run.values.get(metric))]
    return Trend(
        metric,
        rule.goal if rule is not None else None,
        tuple(_steps(metric, measured, policy)),
        without=len(missing),
        failed=sum(not run.done for run in missing),
        is_param=is_param,
    )


def _steps(
    metric: str, measured: Iterable[tuple[MeasuredRun, float]], policy: Policy
) -> Iterator[Step]:
    """Yield the steps; what is within the tolerance of the last improvement is no other one."""
    before: float | None = None
    best: float | None = None
    last_improvement: float | None = None
    rule = policy.rule(metric)
    goal = rule.goal if rule is not None else None
    for run, value in measured:
        improved = last_improvement is not None and (
            policy.mark(metric, last_improvement, value) == "better"
        )
        if last_improvement is None or improved:
            last_improvement = value
        best = _better(best, value, goal)
        change = None if before is None else difference(before, value)
        yield Step(run, value, change, best, improved)
        before = value


def _better(best: float | None, value: float, goal: Goal | None) -> float | None:
    if goal is None or value != value:  # noqa: PLR0124 - NaN
        return best
    if best is None:
        return value
    return max(best, value) if goal == "max" else min(best, value)
