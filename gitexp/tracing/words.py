"""The words of a bisection, which people give in the order of `git bisect`."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.selectors import UnknownRun, find_run
from gitexp.store.wanted import metric_column


def check_order(project: Project, metric: str, ends: Sequence[str | None]) -> None:
    """Raise GitexpError if METRIC is a rev or a run, and something else is the metric, or nothing.

    A branch may be called like a metric: where the others are ends, the first is what it is for.
    """
    named = [one for one in ends if one is not None]
    if not _is_end(project, metric):
        return
    others = [one for one in named if not _is_end(project, one)]
    if others:
        meant, *_ = others
        first, *rest = [metric, *(one for one in named if one != meant)]
    elif len(named) < len(ends) and not _is_metric(project, metric):
        meant, first, rest = "METRIC", metric, named
    else:
        return
    raise GitexpError(
        f"'{metric}' is a run or a commit, and the metric comes first",
        f"Type `gitexp bisect {' '.join((meant, first, *rest))}`.",
    )


def _is_end(project: Project, text: str) -> bool:
    try:
        if find_run(project.runs, text) is not None:
            return True
    except UnknownRun:  # several runs
        return True
    return not text.startswith("-") and project.repository.objects.commit(text) is not None


def _is_metric(project: Project, text: str) -> bool:
    try:
        return metric_column(project.runs, text).kind == "metrics"
    except GitexpError:
        return False
