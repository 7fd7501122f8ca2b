"""The points of curves, for charts: one metric of several runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec
from msgspec import Struct

from gitexp.model.text import harmless
from gitexp.project import Project
from gitexp.revisions.series import (
    has_logged,
    logged_counts,
    logged_family,
    logged_keys,
    series_in_files,
)
from gitexp.series.series import Series
from gitexp.series.tables import family
from gitexp.store.selectors import get_run
from gitexp.store.stored_run import StoredRun
from gitexp.ui.page import Asked, Query

MOST_RUNS = 50
"""More curves in one chart are more than anybody tells apart."""
MOST_CHARTS = 100
_MOST_POINTS = 3_000_000
"""Of curves that are remembered: some 100 MB."""
_KNOWN: dict[tuple[str, str], Mapping[str, Series]] = {}
"""By the commit of the run and the family of the curves, which is empty for those in files; the
thread that reads the project alone uses it."""


class Curve(Struct, frozen=True, omit_defaults=True):
    """One curve as JavaScript takes it."""

    id: str
    name: str
    steps: Sequence[float] | int
    """Or the place of an earlier curve that has the same: most runs do."""
    values: Sequence[float]
    """NaN and infinities become null, which is a gap."""
    logged: int = 0
    """How many points were logged, if not all of them were kept."""


def series_data(project: Project, asked: Asked) -> bytes:
    """Return the curves of one metric, as JSON."""
    runs = [get_run(project.runs, text) for text in asked.every("run")[:MOST_RUNS]]
    return curves_as_json(curves_of(project, runs, asked.first("key")))


def curves_as_json(curves: Sequence[Curve]) -> bytes:
    """Return curves as the page takes them."""
    return msgspec.json.encode(curves)


def curves_of(project: Project, runs: Iterable[StoredRun], key: str) -> list[Curve]:
    """Return the curves that runs have of one metric."""
    found: list[Curve] = []
    steps: list[Sequence[float]] = []
    for run in runs:
        one = _series(project, run, key)
        if one is not None:
            at = next((at for at, some in enumerate(steps) if some == one.steps), None)
            steps.append(one.steps)
            logged = logged_counts(run).get(key, 0)
            many = logged if logged > len(one.values) else 0
            shared = one.steps if at is None else at
            found.append(Curve(run.id, harmless(run.name), shared, one.values, many))
    return found


def keys_of(project: Project, runs: Iterable[StoredRun]) -> list[str]:
    """Return the metrics that some run has a curve of; those of the policy first."""
    every: dict[str, None] = {}
    for run in runs:
        every |= dict.fromkeys([*logged_keys(project, run), *_in_files(project, run)])
    return project.config.policy.ordered(every)[:MOST_CHARTS]


def _series(project: Project, run: StoredRun, key: str) -> Series | None:
    logged = None
    if has_logged(run, key):
        read = partial(logged_family, project, run, key)
        logged = _remembered(run, family(key), read).get(key)
    return logged if logged is not None else _in_files(project, run).get(key)


def _in_files(project: Project, run: StoredRun) -> Mapping[str, Series]:
    return _remembered(run, "", partial(series_in_files, project, run))


def _remembered(
    run: StoredRun, name: str, read: Callable[[], Mapping[str, Series]]
) -> Mapping[str, Series]:
    """Return curves of a run, which never change: the last ones are remembered."""
    known = _KNOWN.get((run.oid, name))
    if known is None:
        known = _KNOWN[run.oid, name] = read()
        while sum(map(_points, _KNOWN.values())) > _MOST_POINTS and len(_KNOWN) > 1:
            del _KNOWN[next(iter(_KNOWN))]
    return known


def _points(curves: Mapping[str, Series]) -> int:
    return 1 + sum(len(one.values) for one in curves.values())


def query_of(runs: Iterable[StoredRun], key: str) -> Query:
    """Return what asks for the curves of some runs."""
    return (("key", key), *(("run", run.id) for run in runs))
