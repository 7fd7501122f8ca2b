"""The final values of runs as charts: one against another, over time, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.run_values import attributes_of, flat_values
from gitexp.comparison.ranking import natural_direction, ruled
from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject
from gitexp.model.policy import Goal
from gitexp.model.values import Scalar, is_number
from gitexp.plots.chart import Lines, Log, Parallel, Points
from gitexp.plots.values import (
    Named,
    parallel_chart,
    pareto_chart,
    scatter_chart,
    trend_chart,
)
from gitexp.project import Project
from gitexp.revisions.sides import commit_side, workspace_side
from gitexp.store.wanted import any_column, metric_column, trend_metric


class Valued(Struct, frozen=True):
    """One run or commit, flat."""

    label: str
    by_kind: Mapping[str, Mapping[str, object]]

    def value(self, column: Column) -> Scalar:
        """Return its value in a column; None if it has none that stands on an axis."""
        found = self.by_kind.get(column.kind, {}).get(column.name)
        if is_number(found):
            return _on_an_axis(found)
        return found if isinstance(found, str | bool) else None


def _on_an_axis(number: float) -> float:
    """Return a number as one that axes can hold: an int may be larger than any float."""
    try:
        return number if math.isfinite(number) else float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def valued(project: Project, subjects: Sequence[Subject]) -> list[Valued]:
    """Return the values of runs as they were recorded, and of commits as their files have them."""
    return [_valued(project, one) for one in subjects]


def _valued(project: Project, one: Subject) -> Valued:
    if one.run is not None:
        record = one.run.record
        metrics, params = record.metrics, record.params
        attributes: Mapping[str, object] = attributes_of(record)
    else:
        side = (
            workspace_side(project) if one.oid is None else commit_side(project, one.oid, one.label)
        )
        metrics, params, attributes = side.metrics or {}, side.params or {}, {"name": one.label}
    flat = {"metrics": flat_values(metrics), "params": flat_values(params)}
    return Valued(one.label, {**flat, "attribute": attributes})


def scatter(project: Project, subjects: Sequence[Subject], metric: str, x: str, log: Log) -> Points:
    """Return a metric against a param, another metric or an attribute."""
    runs = valued(project, subjects)
    up, across = metric_column(project.runs, metric), any_column(project.runs, x)
    return scatter_chart(_column(runs, across), _column(runs, up), _labels(runs), log)


def pareto(
    project: Project, subjects: Sequence[Subject], metrics: Sequence[str], log: Log
) -> Points:
    """Return two metrics against each other, with the runs that no other beats in both."""
    if len(metrics) != 2:  # noqa: PLR2004 - the two axes
        raise GitexpError(
            "a Pareto front is one of two metrics",
            "Name both: `gitexp plot accuracy size --kind pareto`.",
        )
    runs = valued(project, subjects)
    columns = [metric_column(project.runs, one) for one in metrics]
    goals = [_goal(project, one) for one in columns]
    up, across = (_column(runs, one) for one in columns)
    return pareto_chart(across, up, _labels(runs), (goals[1], goals[0]), log)


def _goal(project: Project, column: Column) -> Goal:
    better = natural_direction(project.config.policy, column.name)
    if better is None:
        raise GitexpError(
            f"nothing says whether a high or a low '{column.name}' is better",
            f"Set a goal for it under `policy:` in gitexp.yaml: `{column.name}: {{goal: min}}`.",
        )
    return "max" if better == "desc" else "min"


def trend(project: Project, subjects: Sequence[Subject], metric: str, log: Log) -> Lines:
    """Return a metric over runs and commits in the order in which they are given."""
    runs = valued(project, subjects)
    column = trend_metric(project.runs, metric)
    rule = ruled(project.config.policy, column.name) if column.kind == "metrics" else None
    goal = rule.goal if rule is not None else None
    return trend_chart(_column(runs, column), _labels(runs), goal, log)


def parallel(project: Project, subjects: Sequence[Subject], names: Sequence[str]) -> Parallel:
    """Return the params that vary beside metrics: those that are named, else all with a goal."""
    runs = valued(project, subjects)
    metrics = [metric_column(project.runs, one) for one in names] or _judged(project, runs)
    params = dict.fromkeys(name for one in runs for name in one.by_kind["params"])
    columns = [*(Column("params", name) for name in params), *metrics]
    return parallel_chart([_column(runs, one) for one in columns], _labels(runs), kept=len(metrics))


def _judged(project: Project, runs: Sequence[Valued]) -> list[Column]:
    names = dict.fromkeys(name for one in runs for name in one.by_kind["metrics"])
    goals = [name for name in names if ruled(project.config.policy, name) is not None]
    if not goals and len(names) != 1:
        raise GitexpError(
            "no metric is named, and gitexp.yaml has no goal for one",
            "Name one: `gitexp plot accuracy --kind parallel`.",
        )
    return [Column("metrics", name) for name in goals or names]


def _labels(runs: Sequence[Valued]) -> list[str]:
    return [one.label for one in runs]


def _column(runs: Sequence[Valued], column: Column) -> Named:
    return Named(column.name, tuple(one.value(column) for one in runs))
