"""Curves of both ends of a change, few enough points of each for a comment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gitexp.project import Project
from gitexp.review.review import Review, Traced
from gitexp.revisions.revision import commit_revision
from gitexp.revisions.series import series_of, series_of_run
from gitexp.series.series import Series
from gitexp.store.stored_run import StoredRun

_CHARTS = 3
_POINTS = 40
_SYSTEM = ("system/", "system.")


def traced(project: Project, review: Review) -> tuple[Traced, ...]:
    """Return the curves of the run behind the head, with those that the base has.

    The base has them in its files, or in the run behind it. Those come first that the policy names.
    """
    run = run_of_head(project, review)
    if run is None:
        return ()
    head = series_of_run(project, run)
    base = series_of(project, commit_revision(project, review.base.oid, review.base.label))
    before = run_of_base(project, review)
    if before is not None:
        base = {**series_of_run(project, before), **base}
    keys = [key for key in head if not key.startswith(_SYSTEM)]
    ordered = project.config.policy.ordered(keys)
    found = (_traced(key, base, head) for key in ordered)
    return tuple(one for one, _ in zip(filter(None, found), range(_CHARTS), strict=False))


def run_of_head(project: Project, review: Review) -> StoredRun | None:
    """Return the run behind the head; None if there is none, or more than one."""
    ids = {one.run_id for one in review.runs if one.run_id is not None}
    return _run(project, next(iter(ids))) if len(ids) == 1 else None


def run_of_base(project: Project, review: Review) -> StoredRun | None:
    """Return the run behind the base, if it is known."""
    return None if review.base_run is None else _run(project, review.base_run)


def _run(project: Project, run_id: str) -> StoredRun | None:
    return next(iter(project.runs.index.named(run_id, None)), None)


def _traced(key: str, base: Mapping[str, Series], head: Mapping[str, Series]) -> Traced | None:
    before, after = base.get(key), head[key]
    steps = _spread(after.steps if before is None else sorted({*after.steps, *before.steps}))
    new = _finite(after, steps)
    old = None if before is None else _finite(before, steps)
    if new is None or len(steps) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    return Traced(key, (steps[0], steps[-1]), new, old)


def _spread(steps: Sequence[float]) -> list[float]:
    """Return some of the steps, the first and the last among them.

    >>> _spread(range(4)), len(_spread(range(1000))), _spread(range(1000))[-1]
    ([0, 1, 2, 3], 40, 999)
    """
    if len(steps) <= _POINTS:
        return list(steps)
    return [steps[round(at * (len(steps) - 1) / (_POINTS - 1))] for at in range(_POINTS)]


def _finite(series: Series, steps: Sequence[float]) -> tuple[float, ...] | None:
    """Return the values that stand at the steps; None unless all of them can be drawn."""
    values = [series.at(step) for step in steps]
    known = tuple(one for one in values if one is not None and math.isfinite(one))
    return known if len(known) == len(values) else None
