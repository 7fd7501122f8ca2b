"""Parallel coordinates: a line for each run, through its params and its metrics."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.text import harmless
from gitexp.model.values import Value, is_number
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.runs import columns_asked, selected

_MOST_RUNS = 2000
_MOST_PARAMS = 8
_MOST_METRICS = 3


class Line(Struct, frozen=True):
    """A run, with its value on each axis; None where it has none."""

    id: str
    name: str
    values: tuple[Value, ...]


class Coordinates(Struct, frozen=True):
    """What is drawn."""

    axes: tuple[str, ...]
    lines: tuple[Line, ...]


def parallel_page(project: Project, asked: Asked) -> Page:
    """Return the picture of the runs that are asked for."""
    selection = selected(project, asked)
    runs = project.runs.index.select(
        replace(selection, limit=asked.at_most(_MOST_RUNS), readable=True)
    )
    wanted, problem = columns_asked(project, asked, ())
    if problem is not None:
        raise problem
    drawn = coordinates(project, runs, wanted)
    values = {"asked": asked, "drawn": drawn, "total": project.runs.index.count(selection)}
    return Page("parallel.html", "Parallel coordinates", values)


def coordinates(
    project: Project, runs: Iterable[StoredRun], wanted: Sequence[str] = ()
) -> Coordinates:
    """Return runs as lines, through what is wanted, else through params that vary and metrics."""
    found = [(run, _values(run)) for run in runs]
    names = dict.fromkeys(name for _, values in found for name in values)
    axes = [name for name in wanted if name in names] or _usual(project, found, names)
    lines = [
        Line(run.id, harmless(run.name), tuple(_drawn(values.get(axis)) for axis in axes))
        for run, values in found
    ]
    return Coordinates(tuple(map(harmless, axes)), tuple(lines))


def _drawn(value: Value) -> Value:
    if is_number(value):
        return value if abs(value) <= sys.float_info.max else None
    return harmless(value) if isinstance(value, str) else value


def _usual(
    project: Project, found: Sequence[tuple[StoredRun, Mapping[str, Value]]], names: Iterable[str]
) -> list[str]:
    params = [
        name
        for name in names
        if name.startswith("params.") and len({repr(values.get(name)) for _, values in found}) > 1
    ]
    metrics = {name.partition(".")[2]: name for name in names if name.startswith("metrics.")}
    ordered = project.config.policy.ordered(metrics)
    return [*params[:_MOST_PARAMS], *(metrics[name] for name in ordered[:_MOST_METRICS])]


def _values(run: StoredRun) -> dict[str, Value]:
    """Return what can stand on an axis: numbers, words and truth values."""
    try:
        record = run.record
    except UnreadableRecord:
        return {}
    both = (("params", record.params), ("metrics", record.metrics))
    return {
        f"{kind}.{name}": value
        for kind, documents in both
        for name, value in flat_values(documents).items()
        if not isinstance(value, list | dict)
    }
