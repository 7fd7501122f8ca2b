"""Repeats of the runs behind both sides, which tell a move from noise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from gitexp.checking.inputs import ComparedInputs
from gitexp.comparison.diff import diff_documents
from gitexp.model.change_rules import ChangeRules
from gitexp.model.command import command_without
from gitexp.model.record import COMMAND_FILE, Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.review.statistics import Samples, compare_repeats
from gitexp.revisions.subject import run_subject
from gitexp.store.reading import StoredRun

_MOST = 1000
"""How many runs of one baseline are looked at."""


def samples(
    project: Project, rules: ChangeRules, old: StoredRun | None, new: StoredRun | None
) -> Samples:
    """Return the repeats of both runs by file and metric, if either run has any."""
    if old is None or new is None or old.id == new.id:
        return {}
    before, after = (list(_Repeats(project, rules, run).metrics()) for run in (old, new))
    return {} if len(before) == len(after) == 1 else compare_repeats(before, after)


class _Repeats(Struct, frozen=True, dict=True):
    """The runs that repeat a run: on its baseline, with its inputs and command except the seed."""

    project: Project
    rules: ChangeRules
    run: StoredRun

    def metrics(self) -> Iterator[Documents]:
        """Yield the metrics of the run itself, then those of the others."""
        yield self.run.record.metrics
        runs = self.project.runs.index
        for one in runs.last_on(self.run.record.baseline, self.project.folder, limit=_MOST):
            with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
                if one.id != self.run.id and self._is_repeat(one, one.record):
                    yield one.record.metrics

    @cached_property
    def _inputs(self) -> ComparedInputs:
        return ComparedInputs(self.project, run_subject(self.project, self.run))

    def _is_repeat(self, one: StoredRun, found: RunRecord) -> bool:
        record = self.run.record
        commands = [command_without(each.command, self.rules.is_seed) for each in (record, found)]
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
        if not all(self.rules.is_seed(change.name) for change in changes):
            return False
        compared = self._inputs.with_run(one, found)
        return not (compared.paths or compared.data or compared.extra) and all(
            map(self.rules.is_seed, compared.params)
        )
