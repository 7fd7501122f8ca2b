"""How one metric moved over runs in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitexp.comparison.diff import is_number
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse_column
from gitexp.comparison.query.resolve import resolve_column
from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import GitexpError
from gitexp.model.numbers import difference
from gitexp.model.policy import Goal, Policy
from gitexp.model.record import RunRecord, parse_time


@dataclass(frozen=True)
class Step:
    """One run with a value."""

    oid: str
    record: RunRecord
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


def find_metric(text: str, runs: Iterable[RunRecord]) -> str:
    """Return the flat name of the metric that a text means: all of it, or its last parts.

    Raises QueryError where no run has one, or where several answer to it.
    """
    column = parse_column(text)
    if column.kind not in ("bare", "metrics"):
        raise GitexpError(f"'{text}' is no metric", hint="A metric is a number that a run wrote.")
    names = dict.fromkeys(name for record in runs for name in flat_values(record.metrics))
    return resolve_column(column, [Column("metrics", name) for name in names]).name


def trend(metric: str, runs: Iterable[tuple[str, RunRecord]], policy: Policy) -> Trend:
    """Follow a metric over runs, given with the oids of their commits in any order."""
    in_time = sorted(runs, key=lambda run: parse_time(run[1].started))
    values = [(oid, record, _number(metric, record)) for oid, record in in_time]
    rule = policy.rule(metric)
    missing = [record for _, record, value in values if value is None]
    return Trend(
        metric,
        rule.goal if rule is not None else None,
        tuple(_steps(metric, values, policy)),
        without=len(missing),
        failed=sum(record.status != "done" for record in missing),
    )


def _number(metric: str, record: RunRecord) -> float | None:
    value = flat_values(record.metrics).get(metric)
    return value if is_number(value) else None


def _steps(
    metric: str, values: Iterable[tuple[str, RunRecord, float | None]], policy: Policy
) -> Iterator[Step]:
    """Yield the steps; what is within the tolerance of the last improvement is no other one."""
    before: float | None = None
    best: float | None = None
    last_improvement: float | None = None
    rule = policy.rule(metric)
    goal = rule.goal if rule is not None else None
    for oid, record, value in values:
        if value is None:
            continue
        improved = last_improvement is not None and (
            policy.mark(metric, last_improvement, value) == "better"
        )
        if last_improvement is None or improved:
            last_improvement = value
        best = _better(best, value, goal)
        change = None if before is None else difference(before, value)
        yield Step(oid, record, value, change, best, improved)
        before = value


def _better(best: float | None, value: float, goal: Goal | None) -> float | None:
    if goal is None or value != value:  # noqa: PLR0124 - NaN
        return best
    if best is None:
        return value
    return max(best, value) if goal == "max" else min(best, value)
