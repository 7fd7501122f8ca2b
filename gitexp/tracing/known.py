"""What recorded runs say of a commit, so that nothing is run that is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.went_on import went_on
from gitexp.model.command.params import command_without
from gitexp.model.message import numbers_by_name
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.stored_run import StoredRun

MOST = 1000
"""How many runs of a commit are looked at."""


class Command(Struct, frozen=True):
    """What is run at each commit."""

    words: tuple[str, ...]
    directory: str
    """Where, relative to the repository."""

    def is_of(self, record: RunRecord, is_seed: Callable[[str], bool]) -> bool:
        """Return whether a run is one of this command, seeds aside."""
        if record.directory != self.directory:
            return False
        ours, theirs = (command_without(one, is_seed) for one in (self.words, record.command))
        return ours == theirs


def runs_at(project: Project, oid: str, command: Command) -> Iterator[StoredRun]:
    """Yield the runs of a commit as it is, seeds aside, by a command; the oldest first."""
    found = project.runs.index.last_on(oid, project.folder, limit=MOST)
    if not found:
        return
    reading = Reading(project, commit_revision(project, oid, oid[:10]))
    inputs = ComparedInputs(project, reading.revision, reading.declared)
    is_seed = reading.config.review.is_seed
    for run in reversed(found):
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        if not command.is_of(record, is_seed) or _was_stopped(record):
            continue
        if went_on(project, reading.declared, record):
            continue
        changed = inputs.with_run(run, record)
        if not (changed.paths or changed.data or changed.extra) and all(
            map(is_seed, changed.params)
        ):
            yield run


def _was_stopped(record: RunRecord) -> bool:
    return record.status == "interrupted" and record.exit.reason != "timeout"


class Taken(Struct, frozen=True):
    """What one run says."""

    run: StoredRun | None
    value: float | None
    """None if it says nothing."""
    why: str = ""
    """Why it does not."""
    like: bool | None = None
    """Whether it equals, seed for seed, what the bad end came to, or the good one; else None."""


def taken(run: StoredRun, metric: str) -> Taken:
    """Return what a run says of a metric."""
    record = run.record
    if record.status != "done":
        code = record.exit.code
        return Taken(run, None, "timed out" if code is None else f"failed with exit code {code}")
    value = _number(record.metrics, metric)
    if value is None:
        return Taken(run, None, f"has no '{metric}'")
    if not math.isfinite(value):
        return Taken(run, None, f"'{metric}' is {value}")
    return Taken(run, float(value))


def _number(metrics: Documents, metric: str) -> float | None:
    """Return a metric's number, whose name may have its file before it.

    >>> _number({"a.json": {"f1": 1}, "b.json": {"f1": 2}}, "b.json:f1")
    2
    """
    file, _, key = metric.rpartition(":")
    own = {file: metrics[file]} if file in metrics else {}
    return numbers_by_name(metrics).get(metric, numbers_by_name(own).get(key))


def has_metric(metrics: Documents, text: str) -> bool:
    """Return whether a text means a metric: by its whole name, or its last part."""
    known = any(means(name, text) for name in numbers_by_name(metrics))
    return known or _number(metrics, text) is not None


def means(name: str, text: str) -> bool:
    """Return whether a name is meant by a text: the whole name, or its last part."""
    return name == text or name.endswith(f".{text}")


def metric_among(runs: Sequence[StoredRun], text: str) -> str | None:
    """Return the metric of some runs that a name means: the whole name, else its last part.

    The whole name may have its file before it, which tells apart what two files have.
    Raises GitexpError if several metrics end so.
    """
    names = dict.fromkeys(name for run in runs for name in numbers_by_name(run.record.metrics))
    ends = [name for name in names if name != text and means(name, text)]
    if text in names or any(_number(run.record.metrics, text) is not None for run in runs):
        return text
    if len(ends) > 1:
        raise GitexpError(
            f"several metrics end in '{text}': {', '.join(sorted(ends))}", "Give the whole name."
        )
    return ends[0] if ends else None
