"""How the main metrics of a change moved over the newest runs."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator

from gitexp.comparison.changes import Change, MaybeValue
from gitexp.model.policy import Policy
from gitexp.model.record import Documents
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value, flatten, is_number
from gitexp.project import Project
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.review import Course, main_metrics
from gitexp.store.stored_run import StoredRun

_CHARTS = 3
_CHARTED = 40
"""How many runs a chart shows, the newest."""


def courses(
    project: Project, policy: Policy, verdict: Verdict, runs: Iterable[Freshness]
) -> Iterator[Course]:
    """Yield the courses of the main metrics, of those that two runs or more have."""
    main = main_metrics(verdict, policy, _CHARTS)
    if project.runs.tip is None or not main:
        return
    behind = {one.run_id for one in runs}
    times = Counter(one.change.name for one in verdict.metrics)
    recorded = list(_recorded(project.runs.index.runs(project.folder, limit=_CHARTED)))[::-1]
    for change in main:
        several = times[change.name] > 1
        found = [(run_id, _value(metrics, change)) for run_id, metrics in recorded]
        points = [(run_id, value) for run_id, value in found if value is not None]
        if len(points) > 1:
            called = f"{change.name} in {change.file}" if several else change.name
            at = next((place for place, (one, _) in enumerate(points) if one in behind), None)
            yield Course(called, tuple(value for _, value in points), _drawable(change.old), at)


def _recorded(runs: Iterable[StoredRun]) -> Iterator[tuple[str, dict[str, dict[str, Value]]]]:
    """Yield the ids of runs with their flat metrics by file."""
    for run in runs:
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            yield run.id, _flat(run.record.metrics)


def _flat(metrics: Documents) -> dict[str, dict[str, Value]]:
    return {file: flatten(values) for file, values in metrics.items()}


def _value(metrics: dict[str, dict[str, Value]], change: Change) -> float | None:
    """Return the metric of a run: that of the same file, or of the only one that has the name."""
    places = [file for file, values in metrics.items() if change.name in values]
    file = change.file if change.file in places else places[0] if len(places) == 1 else None
    return None if file is None else _drawable(metrics[file][change.name])


def _drawable(value: MaybeValue) -> float | None:
    """Return a number that a chart can show."""
    try:
        return float(value) if is_number(value) and math.isfinite(value) else None
    except OverflowError:  # an integer beyond what a float can hold
        return None
