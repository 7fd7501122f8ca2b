"""What is known already: the run that was made of some inputs by a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from gitexp.errors import GitexpError
from gitexp.git.trees import tree_entries
from gitexp.inputs.went_on import went_on, why_went_on
from gitexp.model.command.text import command_text
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.settings.config import CONFIG_NAME, Config
from gitexp.store.stored_run import StoredRun


def covering_run(project: Project, inputs: str, command: Sequence[str]) -> StoredRun | None:
    """Return the newest run that covers these inputs and this command, if any does.

    One without metrics does not, if `metrics:` names others since.
    """
    found = covering_runs(project, inputs, command, project.directory)
    return next((run for run in found if not _may_lack_metrics(project, run)), None)


def why_not_covered(project: Project, inputs: str, command: Sequence[str]) -> str:
    """Say why a run with just these inputs and this command does not count; nothing without one."""
    for run in project.runs.index.made_of(inputs, command_text(tuple(command)), project.folder):
        with contextlib.suppress(UnreadableRecord):
            why = why_went_on(project, run.record)
            if why:
                return f"'{run.name}' has these inputs and this command, but {why}"
    return ""


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


def _may_lack_metrics(project: Project, run: StoredRun) -> bool:
    """Return whether a run has no metrics because the settings were wrong, and they have changed.

    What the command wrote may be lost then: nothing that the settings name now is in its tree.
    """
    config = project.config
    if run.record.metrics or _named(config) == _named(Config()):
        return False
    content = project.repository.objects.blob(f"{run.oid}:{project.path(CONFIG_NAME)}")
    with contextlib.suppress(GitexpError):  # it was recorded with settings that cannot be read now
        if _named(project.settings_in(content or b"")) == _named(config):
            return False  # another run would have none, either
    declared = Declared(project, project.pipeline)
    return not any(map(declared.is_metric, tree_entries(project.repository, run.oid)))


def _named(config: Config) -> tuple[object, ...]:
    return config.metrics, config.renamed_metrics, config.capture
