"""Which runs are meant, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from gitexp.api.run import Run
from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.resolve import resolve, resolve_column
from gitexp.comparison.query.run_values import RunValues, run_values


def selected(runs: Sequence[Run], where: str) -> list[Run]:
    """Return the runs of which an expression is true; raises QueryError for a mistake in it."""
    values = [run_values(run.record) for run in runs]
    expression = resolve(parse(where, now=datetime.now(timezone.utc)), _columns(values))
    return [run for run, one in zip(runs, values, strict=True) if matches(expression, one)]


def ordered(runs: Sequence[Run], name: str, *, descending: bool) -> list[Run]:
    """Return the runs by a value, those without it last; equal ones stay in their order.

    Numbers come before texts.
    """
    values = [run_values(run.record) for run in runs]
    column = resolve_column(_named(name), _columns(values))
    keyed = [(_key(one, column), run) for run, one in zip(runs, values, strict=True)]
    there = [(key, run) for key, run in keyed if key is not None]
    there.sort(key=lambda pair: pair[0], reverse=descending)
    return [run for _, run in there] + [run for key, run in keyed if key is None]


def _named(name: str) -> Column:
    kind, _, rest = name.partition(".")
    if name in ATTRIBUTES:
        return Column("attribute", name)
    if kind == "metrics" and rest:
        return Column("metrics", rest)
    return Column("params", rest) if kind == "params" and rest else Column("bare", name)


def _columns(values: Iterable[RunValues]) -> list[Column]:
    """Return the metrics and params that some run has, each once."""
    found: dict[Column, None] = {}
    for one in values:
        found |= dict.fromkeys(Column("metrics", name) for name in one.metrics)
        found |= dict.fromkeys(Column("params", name) for name in one.params)
    return list(found)


def _key(values: RunValues, column: Column) -> tuple[bool, float, str] | None:
    found = {"metrics": values.metrics, "params": values.params}.get(column.kind, values.attributes)
    value = found.get(column.name)
    if value is None or value != value:  # noqa: PLR0124 - NaN has no place in an order
        return None
    if isinstance(value, int | float):
        return (False, float(value), "")
    return (True, 0.0, str(value))
