"""The runs that repeat a run, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from gitexp.comparison.diff import diff_documents
from gitexp.inputs.alike import Likeness
from gitexp.inputs.went_on import went_on
from gitexp.model.identical import identical
from gitexp.model.record import NO_FILES, Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.review.statistics import Samples, compare_repeats
from gitexp.revisions.reading import Reading
from gitexp.store.stored_run import StoredRun

_MOST = 1000
"""How many runs that look alike are looked at."""


def samples(project: Project, old: StoredRun | None, new: StoredRun | None) -> Samples:
    """Return the repeats of both runs by file and metric, if either run has any.

    What counts as one is as the settings of the project say.
    """
    if old is None or new is None or old.id == new.id:
        return {}
    before, after = (list(repeats_of(project, run).metrics()) for run in (old, new))
    return {} if len(before) == len(after) == 1 else compare_repeats(before, after)


def repeats_of(project: Project, run: StoredRun) -> Repeats:
    """Return the repeats of a recorded run."""
    return Repeats(project, run.oid, run.record)


class Repeats(Struct, frozen=True, dict=True):
    """The runs that repeat a run: with its command, params, data and files, except the seed."""

    project: Project
    commit: str
    """Holds what the run was made from."""
    record: RunRecord

    def metrics(self) -> Iterator[Documents]:
        """Yield the metrics of the run itself, then those of the others."""
        yield self.record.metrics
        for one in self.others():
            yield one.record.metrics

    def others(self) -> Iterator[StoredRun]:
        """Yield the other runs, the newest first."""
        for one, key in self.keys(self.alike()):
            if key == self.key:
                yield one

    def alike(self) -> list[tuple[StoredRun, str | None]]:
        """Return the other runs with the same command and params, and their keys as far as known.

        Others may have had other files.
        """
        alike = self._likeness.alike
        look = self._likeness.look(self.record)
        found = self.project.runs.index.alike(alike, look, limit=_MOST)
        return [one for one in found if one[0].id != self.record.id]

    def keys(self, runs: Iterable[tuple[StoredRun, str | None]]) -> Iterator[tuple[StoredRun, str]]:
        """Yield runs with their keys; those that were not known are kept."""
        found = list(runs)
        lacking = [one for one, key in found if key is None]
        alike = self._likeness.alike
        new = dict(zip((one.id for one in lacking), alike.keys(lacking), strict=True))
        if new:
            self.project.runs.index.keep_keys(alike, new.items())
        for one, key in found:
            yield one, key or new[one.id]

    @cached_property
    def key(self) -> str:
        """What every repeat has in common."""
        return self._likeness.key(self.commit, self.record)

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness(self.project)


def repeats_of_commit(reading: Reading) -> Iterator[StoredRun]:
    """Yield the runs of a commit as it is, seeds aside, that have metrics; the newest first.

    Most others have other params, which is seen before git is asked for the files.
    """
    from gitexp.inputs.compared import ComparedInputs  # noqa: PLC0415 - 2 ms, for a commit alone

    project, revision = reading.project, reading.revision
    inputs, is_seed = ComparedInputs(project, revision, reading.declared), reading.config.review
    assert revision.commit is not None
    for one in project.runs.index.last_on(revision.commit, project.folder, limit=_MOST):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            record = one.record
            if record.status != "done" or not record.metrics:
                continue
            if _has_other_params(reading, record) or went_on(project, reading.declared, record):
                continue
            found = inputs.with_run(one, record)
            if not (found.paths or found.data or found.extra) and all(
                map(is_seed.is_seed, found.params)
            ):
                yield one


def _has_other_params(reading: Reading, record: RunRecord) -> bool:
    """Return whether a file with params that both have differs in more than seeds."""
    here = reading.side.params
    known = {
        file: values
        for file, values in record.params.items()
        if file in here and file not in NO_FILES and file not in record.outputs
    }
    changes = diff_documents({file: here[file] for file in known}, known, equal=identical)
    return not all(reading.config.review.is_seed(change.name) for change in changes)
