"""What trackers logged for a revision: it stands in no file, but in the record of its run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import Struct

from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.origin import named_around, runs_around
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.revisions.reading import Reading
from gitexp.store.stored_run import StoredRun

_MOST_COMPARED = 12
"""With how many runs the inputs are compared."""
_MOST_READ = 200


class Logged(Struct, frozen=True):
    """The values that a run has from trackers, by tracker."""

    params: Documents
    metrics: Documents


def add_logged(reading: Reading) -> bool:
    """Give a revision the values that trackers logged in its run; return whether it lacks them.

    Only where `capture` names a tracker. Its run is the one with its inputs, of those that commits
    name as where they are from or that started on them; without such a one, the run that the
    nearest commit names, whose inputs have changed since.
    """
    names = reading.config.capture
    if not names or not set(names).isdisjoint(reading.side.metrics):
        return False
    if reading.project.runs.tip is None:
        return True
    found = _found(reading, names)
    if found is None:
        return True
    reading.add(found.params, found.metrics)
    return False


def _found(reading: Reading, names: tuple[str, ...]) -> Logged | None:
    revision = reading.revision
    if revision.run is not None:
        return _values(revision.run.record, names)
    inputs = ComparedInputs(reading.project, revision, reading.declared)
    claimed = [
        run_id for _, ids in named_around(reading.project, revision.commit) for run_id in ids
    ]
    stale: Logged | None = None
    for run, record, values in itertools.islice(_runs(reading, names), _MOST_COMPARED):
        if inputs.with_run(run, record).fresh:
            return values
        if stale is None and run.id in claimed:
            stale = values
    return stale


def _runs(
    reading: Reading, names: tuple[str, ...]
) -> Iterator[tuple[StoredRun, RunRecord, Logged]]:
    seen: set[str] = set()
    around = runs_around(reading.project, reading.revision.commit)
    for run in itertools.islice(around, _MOST_READ):
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        values = _values(record, names)
        if run.oid not in seen and record.status == "done" and values is not None:
            seen.add(run.oid)
            yield run, record, values


def _values(record: RunRecord, names: tuple[str, ...]) -> Logged | None:
    params = {name: record.params[name] for name in names if name in record.params}
    metrics = {name: record.metrics[name] for name in names if name in record.metrics}
    return Logged(params, metrics) if params or metrics else None
