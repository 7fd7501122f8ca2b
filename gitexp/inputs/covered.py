"""What is known already: the run that was made of some inputs by a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from gitexp.inputs.files import went_on
from gitexp.model.command.text import command_text
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.store.reading import StoredRun


def covering_run(project: Project, inputs: str, command: Sequence[str]) -> StoredRun | None:
    """Return the newest run that covers these inputs and this command, if any does."""
    return next(covering_runs(project, inputs, command, project.directory), None)


def covering_runs(
    project: Project, inputs: str, command: Sequence[str], directory: str
) -> Iterator[StoredRun]:
    """Yield the runs that ended well with just these inputs and this command, run in a folder.

    The newest comes first. `inputs` are as in the trailer. One look-up by key, however many runs
    there are. A run that went on from what an earlier one had left covers nothing: its inputs do
    not tell all. Packages and the machine may have been others.
    """
    found = project.runs.index.made_of(inputs, command_text(tuple(command)), project.folder)
    if not found:
        return
    declared = Declared(project, project.pipeline)
    for run in found:
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            record = run.record
            is_same = (record.command, record.directory) == (tuple(command), directory)
            if is_same and not went_on(project, declared, record):
                yield run
