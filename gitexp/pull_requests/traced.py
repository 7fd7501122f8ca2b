"""Curves of both ends of a change, few enough points of each for a comment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gitexp.project import Project
from gitexp.review.review import Review, Traced
from gitexp.revisions.revision import commit_revision
from gitexp.revisions.series import series_of, series_of_run
from gitexp.series.series import Series

_CHARTS = 3
_POINTS = 40
_SYSTEM = ("system/", "system.")


def traced(project: Project, review: Review) -> tuple[Traced, ...]:
    """Return the curves of the run behind the head, with those that the base has in its files.

    Those come first that the policy names.
    """
    ids = {one.run_id for one in review.runs if one.run_id is not None}
    runs = project.runs.index.named(next(iter(ids)), None) if len(ids) == 1 else []
    if not runs:
        return ()
    head = series_of_run(project, runs[0])
    base = series_of(project, commit_revision(project, review.base.oid, review.base.label))
    keys = [key for key in head if not key.startswith(_SYSTEM)]
    ordered = project.config.policy.ordered(keys)
    found = (_traced(key, base, head) for key in ordered)
    return tuple(one for one, _ in zip(filter(None, found), range(_CHARTS), strict=False))


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
