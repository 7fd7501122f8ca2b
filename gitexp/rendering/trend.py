"""What `gitexp trend` shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from gitexp.comparison.changes import ABSENT
from gitexp.comparison.trend import Step, Trend
from gitexp.model.numbers import counted, texts_apart
from gitexp.model.record import parse_time
from gitexp.rendering.facts import ago
from gitexp.rendering.table import Column, Document, Flat, Table

_FLAT = ("oid", "id", "name", "started", "value", "change", "best", "improved")
_VALUE = 2
"""Where the value stands among the columns."""
_LEGEND = "better than every run before"


def trend_document(found: Trend, *, now: datetime, limit: int | None = None) -> Document:
    """Show the runs in the order of time, the last `limit` of them; times are as of `now`."""
    shown = replace(found, steps=found.steps[-limit:] if limit else found.steps)
    return Document(
        data=lambda: _data(shown),
        flat=lambda: Flat(_FLAT, (_facts(step, ABSENT) for step in shown.steps)),
        tables=lambda: [_table(shown, now)] if shown.steps else [],
        heading=_heading(shown),
        notes=tuple(_notes(shown)),
        legend=_LEGEND if any(step.improved for step in shown.steps) else "",
        course=tuple(_drawable(step.value) for step in shown.steps),
    )


def _heading(found: Trend) -> tuple[str, ...]:
    numbers = [step.value for step in found.steps if step.value == step.value]
    if not numbers:
        return (found.metric,)
    low, high = texts_apart([min(numbers), max(numbers)])
    span = low if low == high else f"{low} to {high}"
    return (f"{found.metric}: {counted(len(found.steps), 'run')}, {span}",)


def _drawable(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond what a float can hold
        return math.inf if number > 0 else -math.inf


def _table(found: Trend, now: datetime) -> Table:
    name = found.metric
    columns = (
        Column("run"),
        Column("started", rank=3),
        Column(name, "value", limit=20),
        Column("change", "delta", rank=1),
        *([Column("best so far", "value", rank=2)] if found.goal else []),
    )
    rows = [
        (
            step.run.name,
            ago(parse_time(step.run.started), now),
            step.value,
            step.change,
            step.best,
        )[: len(columns)]
        for step in found.steps
    ]
    better = frozenset((at, _VALUE) for at, step in enumerate(found.steps) if step.improved)
    return Table(columns, rows, header=True, best=better)


def _notes(found: Trend) -> Sequence[str]:
    name, notes = found.metric, []
    if found.without:
        failed = f" ({found.failed} failed or interrupted)" if found.failed else ""
        notes.append(f"without '{name}': {counted(found.without, 'run')}{failed}")
    if found.goal is None and not found.is_param:
        notes.append(f"no marks: gitexp.yaml has no goal for '{name}' (policy: max or min)")
    return notes


def _data(found: Trend) -> dict[str, object]:
    return {
        "metric": found.metric,
        "goal": found.goal,
        "runs": (dict(zip(_FLAT, _facts(step, None), strict=True)) for step in found.steps),
        "without": found.without,
        "without_and_failed": found.failed,
    }


def _facts(step: Step, none: object) -> tuple[object, ...]:
    run = step.run
    known = (step.value, step.change, step.best, step.improved)
    return (
        *(run.oid, run.id, run.name, run.started),
        *(none if value is None else value for value in known),
    )
