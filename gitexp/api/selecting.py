"""Which runs are meant, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from gitexp.api.run import Run
from gitexp.comparison.query.evaluate import matches, value_of
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse, parse_column
from gitexp.comparison.query.resolve import resolve, resolve_column
from gitexp.comparison.query.run_values import RunValues, run_values
from gitexp.comparison.ranking import Direction, ranked


def selected(runs: Sequence[Run], where: str) -> list[Run]:
    """Return the runs of which an expression is true; raises QueryError for a mistake in it."""
    values = [run_values(run.record) for run in runs]
    expression = resolve(parse(where, now=datetime.now(timezone.utc)), _columns(values))
    return [run for run, one in zip(runs, values, strict=True) if matches(expression, one)]


def ordered(runs: Sequence[Run], name: str, direction: Direction) -> list[Run]:
    """Return the runs by a value, those without it last; equal ones stay in their order."""
    values = {run.oid: run_values(run.record) for run in runs}
    column = resolve_column(parse_column(name), _columns(values.values()))
    return ranked(runs, lambda run: value_of(column, values[run.oid]), direction)


def metric_name(runs: Sequence[Run], text: str) -> str:
    """Return the flat name of the metric that is meant; raises QueryError where no run has it."""
    column = parse_column(text)
    metric = replace(column, kind="metrics") if column.kind == "bare" else column
    return resolve_column(metric, _columns(run_values(run.record) for run in runs)).name


def _columns(values: Iterable[RunValues]) -> list[Column]:
    """Return the metrics and params that some run has, each once."""
    found: dict[Column, None] = {}
    for one in values:
        found |= dict.fromkeys(Column("metrics", name) for name in one.metrics)
        found |= dict.fromkeys(Column("params", name) for name in one.params)
    return list(found)
