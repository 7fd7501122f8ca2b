"""The curves of many runs, a row for each value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import NamedTuple

from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.store.stored_run import StoredRun


class Value(NamedTuple):
    """One value of a curve."""

    run: str
    """The id of the run."""
    name: str
    """The name of the run."""
    key: str
    """The name of the metric."""
    step: float
    seconds: float | None
    """Since the first value of the run; None where nobody noted it."""
    value: float


def curves_of(project: Project, runs: Iterable[StoredRun]) -> Iterator[list[Value]]:
    """Yield all values of each run that has curves, key by key; long curves as git has them."""
    for run in runs:
        found = [
            Value(run.id, run.name, key, float(step), second, float(value))
            for key, one in series_of_run(project, run).items()
            for step, second, value in zip(
                one.steps, one.times or repeat(None, len(one.steps)), one.values, strict=True
            )
        ]
        if found:
            yield found
