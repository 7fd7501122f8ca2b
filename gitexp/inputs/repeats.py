"""The runs that repeat a run, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property

from msgspec import Struct

from gitexp.comparison.diff import diff_documents
from gitexp.inputs.compared import ComparedInputs
from gitexp.model.command.params import command_without
from gitexp.model.paths import ProjectPath
from gitexp.model.record import COMMAND_FILE, Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.review.freshness import Freshness
from gitexp.review.statistics import Samples, compare_repeats
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import Revision, run_revision
from gitexp.revisions.roles import Declared
from gitexp.store.reading import StoredRun

_MOST = 1000
"""How many runs of one baseline are looked at."""


def samples(reading: Reading, old: StoredRun | None, new: StoredRun | None) -> Samples:
    """Return the repeats of both runs by file and metric, if either run has any.

    What counts as one is as the settings of the revision that is read say.
    """
    if old is None or new is None or old.id == new.id:
        return {}
    project, declared = reading.project, reading.declared
    before, after = (list(repeats_of(project, declared, run).metrics()) for run in (old, new))
    return {} if len(before) == len(after) == 1 else compare_repeats(before, after)


def repeats_of(project: Project, declared: Declared, run: StoredRun) -> Repeats:
    """Return the repeats of a recorded run."""
    return Repeats(project, declared, lambda: run_revision(project, run), run.record)


class Repeats(Struct, frozen=True, dict=True):
    """The runs that repeat a run: on its baseline, with its inputs and command except the seed."""

    project: Project
    declared: Declared
    revision: Callable[[], Revision]
    """Reads what the run was made from, which most comparisons do not need."""
    record: RunRecord

    def metrics(self) -> Iterator[Documents]:
        """Yield the metrics of the run itself, then those of the others."""
        yield self.record.metrics
        for one in self.others():
            yield one.record.metrics

    def others(self) -> Iterator[StoredRun]:
        """Yield the other runs, the newest first."""
        index, baseline = self.project.runs.index, self.record.baseline
        for one in index.last_on(baseline, self.project.folder, limit=_MOST):
            with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
                if one.id != self.record.id and self._is_repeat(one, one.record):
                    yield one

    @property
    def _is_seed(self) -> Callable[[str], bool]:
        return self.project.config.review.is_seed

    @cached_property
    def _inputs(self) -> ComparedInputs:
        return ComparedInputs(self.project, self.revision(), self.declared)

    def _is_repeat(self, one: StoredRun, found: RunRecord) -> bool:
        record = self.record
        commands = [command_without(each.command, self._is_seed) for each in (record, found)]
        if found.status != "done" or commands[0] != commands[1]:
            return False
        if _went_on(self.project, self.declared, found):
            return False
        old, new = record.inputs, found.inputs
        if old.version == new.version and old.oid == new.oid:
            return True
        return self._differs_in_seeds(one, found, none_will_do=old.version != new.version)

    def _differs_in_seeds(self, one: StoredRun, found: RunRecord, *, none_will_do: bool) -> bool:
        """Return whether only seeds differ, or nothing if the oids of the inputs cannot decide.

        The params are compared first, as most runs differ there; files take git.
        """
        params = [
            {file: values for file, values in each.params.items() if file != COMMAND_FILE}
            for each in (self.record, found)
        ]
        changes = diff_documents(params[0], params[1])
        if not changes and not none_will_do:
            return False
        if not all(self._is_seed(change.name) for change in changes):
            return False
        return _is_in_seeds_alone(self._inputs.with_run(one, found), self._is_seed)


def _went_on(project: Project, declared: Declared, record: RunRecord) -> bool:
    """Return whether a run began with what it then wrote over, or left other data to the next one.

    Most models that are written over lie there from the run before, and are not read: only one
    that the command or a param names tells of a training that went on.
    """
    paths = (project.path(ProjectPath(name)) for name in record.overwritten)
    if not all(map(declared.is_model, paths)):
        return True
    texts = [*record.command]
    for values in record.params.values():
        texts += [value for value in flatten(values).values() if isinstance(value, str)]
    names = {path.rpartition("/")[2] for path in record.overwritten}
    return any(name in text for name in names for text in texts)


def repeats_of_commit(reading: Reading) -> Iterator[StoredRun]:
    """Yield the runs of a commit as it is, seeds aside, that have metrics; the newest first."""
    project, revision = reading.project, reading.revision
    inputs = ComparedInputs(project, revision, reading.declared)
    assert revision.commit is not None
    for one in project.runs.index.last_on(revision.commit, project.folder, limit=_MOST):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            record = one.record
            if record.status != "done" or not record.metrics:
                continue
            if _went_on(project, reading.declared, record):
                continue
            if _is_in_seeds_alone(inputs.with_run(one, record), reading.config.review.is_seed):
                yield one


def _is_in_seeds_alone(found: Freshness, is_seed: Callable[[str], bool]) -> bool:
    """Return whether nothing but seeds differs."""
    return not (found.paths or found.data or found.extra) and all(map(is_seed, found.params))
