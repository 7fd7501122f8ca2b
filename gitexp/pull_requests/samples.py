"""Repeats of the runs behind both sides, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property

from msgspec import Struct

from gitexp.checking.inputs import ComparedInputs
from gitexp.comparison.diff import diff_documents
from gitexp.model.command.params import command_without
from gitexp.model.record import COMMAND_FILE, Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.review.statistics import Samples, compare_repeats
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import run_revision
from gitexp.store.reading import StoredRun

_MOST = 1000
"""How many runs of one baseline are looked at."""


def samples(reading: Reading, old: StoredRun | None, new: StoredRun | None) -> Samples:
    """Return the repeats of both runs by file and metric, if either run has any.

    What counts as one is as the settings of the revision that is read say.
    """
    if old is None or new is None or old.id == new.id:
        return {}
    before, after = (list(_Repeats(reading, run).metrics()) for run in (old, new))
    return {} if len(before) == len(after) == 1 else compare_repeats(before, after)


def repeats_of(reading: Reading, run: StoredRun) -> list[Documents]:
    """Return the metrics of a run and of its repeats; what is one, the settings read say."""
    return list(_Repeats(reading, run).metrics())


class _Repeats(Struct, frozen=True, dict=True):
    """The runs that repeat a run: on its baseline, with its inputs and command except the seed."""

    reading: Reading
    run: StoredRun

    def metrics(self) -> Iterator[Documents]:
        """Yield the metrics of the run itself, then those of the others."""
        yield self.run.record.metrics
        project = self.reading.project
        index, baseline = project.runs.index, self.run.record.baseline
        for one in index.last_on(baseline, project.folder, limit=_MOST):
            with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
                if one.id != self.run.id and self._is_repeat(one, one.record):
                    yield one.record.metrics

    @property
    def _is_seed(self) -> Callable[[str], bool]:
        return self.reading.config.review.is_seed

    @cached_property
    def _inputs(self) -> ComparedInputs:
        project = self.reading.project
        return ComparedInputs(project, run_revision(project, self.run), self.reading.declared)

    def _is_repeat(self, one: StoredRun, found: RunRecord) -> bool:
        record = self.run.record
        commands = [command_without(each.command, self._is_seed) for each in (record, found)]
        if found.status != "done" or found.overwritten or commands[0] != commands[1]:
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
            for each in (self.run.record, found)
        ]
        changes = diff_documents(params[0], params[1])
        if not changes and not none_will_do:
            return False
        if not all(self._is_seed(change.name) for change in changes):
            return False
        compared = self._inputs.with_run(one, found)
        return not (compared.paths or compared.data or compared.extra) and all(
            map(self._is_seed, compared.params)
        )
