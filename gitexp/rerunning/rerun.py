"""One run made again: its command, on what it began with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.run import execute
from gitexp.execution.stages import Ending, Plan, Request
from gitexp.execution.start.prepare import prepare
from gitexp.project import Project
from gitexp.rerunning.environment import command_in
from gitexp.rerunning.original import Original
from gitexp.rerunning.place import check_edits, work_tree_of

Tell = Callable[[str], None]

_REPRO = ("dvc", "repro")
_EVERY_STAGE = ("--force", "--no-run-cache")
"""DVC would else take the results of the first time from its cache, and run nothing."""


class Wanted(Struct, frozen=True):
    """What a person wants to be different the second time, and to know of it."""

    overrides: tuple[str, ...] = ()
    name: str | None = None
    message: str = ""
    timeout: float | None = None
    allow_secrets: bool = False
    copied: tuple[str, ...] = ()
    """Paths that git does not hold, to be copied from the user's work tree."""
    incomplete: bool = False
    """Whether to go on without data that is gone."""
    unrecorded: bool = False
    python: Path | None = None
    """That of the environment which is used in place of the present one."""
    tags: tuple[str, ...] = ()


@contextlib.contextmanager
def prepared(
    project: Project, original: Original, wanted: Wanted, tell: Tell
) -> Iterator[tuple[Project, Plan]]:
    """Give a work tree like the first one, and the plan of what is to be done there."""
    if not original.has_baseline:
        tell(
            f"note: the baseline of run '{original.run.name}' is not here, "
            "so HEAD is at the run itself"
        )
    with work_tree_of(project, original, wanted.copied, tell, incomplete=wanted.incomplete) as copy:
        plan = prepare(copy, _request(original, wanted))
        plan = replace(plan, command=original.record.command)  # wherever its program is now
        check_edits(copy, plan.edits)
        if plan.command[:2] == _REPRO:
            plan = replace(plan, argv=(*plan.argv, *_EVERY_STAGE))
            tell(f"note: every stage is run again (`dvc repro {' '.join(_EVERY_STAGE)}`)")
        yield copy, plan


def rerun(project: Project, original: Original, wanted: Wanted, tell: Tell) -> Ending:
    """Run the command again, and record it as a run unless that is not wanted."""
    with prepared(project, original, wanted, tell) as (copy, plan):
        return execute(copy, plan, tell)


def _command(original: Original, wanted: Wanted) -> tuple[str, ...]:
    command = original.record.command
    return command if wanted.python is None else command_in(wanted.python, command)


def _request(original: Original, wanted: Wanted) -> Request:
    onto = f" onto {original.onto} ({original.head[:10]})" if original.onto is not None else ""
    return Request(
        command=_command(original, wanted),
        overrides=wanted.overrides,
        name=wanted.name,
        message=wanted.message or f"rerun of {original.run.name}{onto}",
        tags=wanted.tags,
        timeout=wanted.timeout,
        allow_secrets=wanted.allow_secrets,
        allow_held_out=original.may_read_held_out,
        rerun_of=original.record.id,
        unrecorded=wanted.unrecorded,
    )
