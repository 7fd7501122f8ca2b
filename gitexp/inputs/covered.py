"""What is known already: the run that was made of some inputs by a command."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from gitexp.model.command.text import command_text
from gitexp.model.record import Inputs, inputs_text
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.reading import StoredRun


def covering_run(project: Project, inputs: Inputs, command: Sequence[str]) -> StoredRun | None:
    """Return the newest run that ended well with just these inputs and this command, run here.

    One look-up by key, however many runs there are. Packages and the machine may have been others.
    """
    words = command_text(tuple(command))
    for run in project.runs.index.made_of(inputs_text(inputs), words, project.folder):
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            record = run.record
            same_place = record.directory == project.directory
            if same_place and record.command == tuple(command):
                return run
    return None
