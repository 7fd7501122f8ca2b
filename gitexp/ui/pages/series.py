"""The points of curves, for charts: one metric of several runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from gitexp.project import Project
from gitexp.revisions.series import series_of
from gitexp.series.series import Series
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_run
from gitexp.ui.page import Asked, Query

MOST_RUNS = 50
"""More curves in one chart are more than anybody tells apart."""
MOST_CHARTS = 100


class Curve(Struct, frozen=True):
    """One curve as JavaScript takes it."""

    id: str
    name: str
    steps: Sequence[float]
    values: Sequence[float]
    """NaN and infinities become null, which is a gap."""


def series_data(project: Project, asked: Asked) -> bytes:
    """Return the curves of one metric, as JSON."""
    runs = [get_run(project.runs, text) for text in asked.every("run")[:MOST_RUNS]]
    return msgspec.json.encode(curves_of(project, runs, asked.first("key")))


def curves_of(project: Project, runs: Iterable[StoredRun], key: str) -> list[Curve]:
    """Return the curves that runs have of one metric."""
    found = ((run, series_of(project, run).get(key)) for run in runs)
    return [Curve(run.id, run.name, one.steps, one.values) for run, one in found if one is not None]


def keys_of(project: Project, runs: Iterable[StoredRun]) -> list[str]:
    """Return the metrics that some run has a curve of; those of the policy first."""
    every: dict[str, Series] = {}
    for run in runs:
        every |= series_of(project, run)
    return project.config.policy.ordered(every)[:MOST_CHARTS]


def query_of(runs: Iterable[StoredRun], key: str) -> Query:
    """Return what asks for the curves of some runs."""
    return (("key", key), *(("run", run.id) for run in runs))
