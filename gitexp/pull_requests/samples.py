"""Repeats of the runs behind both sides, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.review.statistics import Samples, compare_repeats
from gitexp.store.reading import StoredRun

_MOST = 100
"""How many runs of one baseline are looked at."""


def samples(project: Project, old: StoredRun | None, new: StoredRun | None) -> Samples:
    """Return the repeats of both runs by file and metric, where either run has any."""
    if old is None or new is None or old.id == new.id:
        return {}
    before, after = (list(_repeats(project, run)) for run in (old, new))
    return {} if len(before) == len(after) == 1 else compare_repeats(before, after)


def _repeats(project: Project, run: StoredRun) -> Iterator[Documents]:
    """Yield the metrics of a run and of those with its inputs and its command."""
    record = run.record
    yield record.metrics
    for one in project.runs.index.last_on(record.baseline, project.folder, limit=_MOST):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            if one.id != run.id and _is_repeat(one.record, record):
                yield one.record.metrics


def _is_repeat(one: RunRecord, record: RunRecord) -> bool:
    return (
        one.status == "done"
        and one.command == record.command
        and one.inputs.oid == record.inputs.oid
        and one.inputs.version == record.inputs.version
        and not one.overwritten
    )
