"""Repeats of the runs behind both sides, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from gitexp.comparison.diff import is_number
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.review.statistics import Comparison, compare
from gitexp.store.reading import StoredRun

_MOST = 100
"""How many runs of one baseline are looked at."""


def samples(
    project: Project, old: StoredRun | None, new: StoredRun | None
) -> Mapping[str, Comparison]:
    """Return the repeats of both runs by metric, where either run has any."""
    if old is None or new is None or old.id == new.id:
        return {}
    sides = [list(_repeats(project, run)) for run in (old, new)]
    if all(len(side) == 1 for side in sides):
        return {}
    names = dict.fromkeys(name for side in sides for metrics in side for name in metrics)
    found = {name: [_numbers(side, name) for side in sides] for name in names}
    return {name: compare(*pair) for name, pair in found.items() if all(pair)}


def _repeats(project: Project, run: StoredRun) -> Iterator[Mapping[str, Value]]:
    """Yield the metrics of a run and of those with its inputs and its command."""
    record = run.record
    for one in project.runs.index.last_on(record.baseline, project.folder, limit=_MOST):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            if one.id == run.id or _is_repeat(one.record, record):
                yield flat_values(one.record.metrics)


def _is_repeat(one: RunRecord, record: RunRecord) -> bool:
    return (
        one.status == "done"
        and one.command == record.command
        and one.inputs.oid == record.inputs.oid
        and one.inputs.version == record.inputs.version
        and not one.overwritten
    )


def _numbers(side: Iterable[Mapping[str, Value]], name: str) -> list[float]:
    return [value for metrics in side if is_number(value := metrics.get(name))]
