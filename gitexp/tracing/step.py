"""A run of one commit as it is, in a work tree of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.execution.run import Way, execute
from gitexp.execution.stages import Request
from gitexp.execution.start.prepare import prepare
from gitexp.git.trees import tree_entries
from gitexp.inputs.seeds import seed_key, with_seed
from gitexp.model.made_by import BISECTED
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.values import dumps, flatten
from gitexp.project import Project
from gitexp.rerunning.original import Original
from gitexp.rerunning.place import check_edits, work_tree_of
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.known import Command

Tell = Callable[[str], None]


class Step(Struct, frozen=True):
    """What a run of a commit is made with."""

    command: Command
    message: str = ""
    timeout: float | None = None
    copied: tuple[str, ...] = ()
    allow_secrets: bool = False
    overrides: tuple[str, ...] = ()


def make_run(project: Project, oid: str, step: Step, tell: Tell) -> StoredRun:
    """Run the command on a commit, and record it; yours is not touched."""
    with work_tree_of(project, _original(project, oid, step), step.copied, tell) as copy:
        request = Request(
            command=step.command.words,
            overrides=step.overrides,
            message=step.message,
            tags=(BISECTED,),
            timeout=step.timeout,
            allow_secrets=step.allow_secrets,
        )
        plan = prepare(copy, request)
        check_edits(copy, plan.edits)
        return execute(copy, plan, tell, Way(shown=False)).run


def _original(project: Project, oid: str, step: Step) -> Original:
    """Return a commit as if it were what a run began with."""
    record = RunRecord(
        *("", oid[:10], "done", Exit(0), step.command.words, oid, Inputs(""), "", ""),
        project=project.folder,
        directory=step.command.directory,
    )
    itself = StoredRun(oid, "", oid[:10], project.folder, b"", known=record)
    entries = tree_entries(project.repository, oid)
    return Original(itself, record, oid, oid, entries, entries)


def with_other_seed(project: Project, oid: str, step: Step, runs: Sequence[StoredRun]) -> Step:
    """Return a step with a seed that none of the runs had; the same step if nothing is a seed."""
    reading = Reading(project, commit_revision(project, oid, oid[:10]))
    is_seed = reading.config.review.is_seed
    try:
        key = seed_key(reading.side.params, step.command.words, is_seed)
    except GitexpError:  # several
        key = None
    if key is None:
        return step
    used = {
        value
        for run in runs
        for values in run.record.params.values()
        for name, value in flatten(values).items()
        if name == key.name and isinstance(value, int)
    }
    seed = next(one for one in range(len(used) + 1) if one not in used)
    if key.file is None:
        words = with_seed(step.command.words, key.name, seed)
        return Step(
            Command(words, step.command.directory),
            *(step.message, step.timeout, step.copied, step.allow_secrets, step.overrides),
        )
    return Step(
        *(step.command, step.message, step.timeout, step.copied, step.allow_secrets),
        (*step.overrides, f"{key.override}={dumps(seed)}"),
    )
