"""`gitexp apply`: a run into the work tree."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import say, tell, with_project
from gitexp.data.pointers import Pointer
from gitexp.errors import ExitCode
from gitexp.handover.apply import Applied, execute_apply
from gitexp.handover.apply_plan import ApplyPlan, check_apply, plan_apply
from gitexp.handover.contents import read_contents
from gitexp.model.numbers import size_text
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.settings.config import CONFIG_NAME


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.option(
    "--no-code", is_flag=True, help="Take only params, metrics, other outputs and pointers."
)
@click.option(
    "-f", "--force", is_flag=True, help="Overwrite edits, and keep them under a recovery ref."
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@with_project
def apply(project: Project, *, run: str, no_code: bool, force: bool, dry_run: bool) -> ExitCode:
    """Bring RUN into the work tree: params, metrics, pointers, code, and the data behind pointers.

    Your branch and index stay as they are. What is not committed is not overwritten, unless
    an earlier run left it there. Exits with 1 if data of the run could not be found.

    \b
    Examples:
      gitexp apply brave-otter-7f
      gitexp apply --no-code latest
    """
    contents = read_contents(project, get_run(project, run))
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        plan = plan_apply(project, contents, Path(scratch), code=not no_code)
        if dry_run:
            _print(project, plan, [one.pointer for one in plan.data.todo])
            check_apply(plan, project.directory, force=force)
            return ExitCode.OK
        applied = execute_apply(project, plan, Path(scratch), force=force)
    _print(project, plan, applied.placed)
    return _report(project, plan, applied)


def _print(project: Project, plan: ApplyPlan, data: list[Pointer] | tuple[Pointer, ...]) -> None:
    for line in sorted(_changes(project, plan, data), key=lambda line: line[10:]):
        say(line)


def _changes(
    project: Project, plan: ApplyPlan, data: list[Pointer] | tuple[Pointer, ...]
) -> Iterator[str]:
    for path in plan.written:
        word = "modified" if path in plan.overwritten else "added"
        yield f"{word:<10}{_shown(project, path)}"
    for path in plan.removed:
        yield f"{'removed':<10}{_shown(project, path)}"
    for one in data:
        size = f" ({size_text(one.size)})" if one.size is not None else ""
        yield f"{'data':<10}{_shown(project, one.path)}{size}"


def _report(project: Project, plan: ApplyPlan, applied: Applied) -> ExitCode:
    for path in applied.ignored:
        tell(f"note: '{_shown(project, path)}' is now named in the .gitignore beside it")
    _tell_settings(project, plan)
    for path in plan.kept:
        tell(f"note: '{_shown(project, path)}' is not part of the run but was edited, so it stays")
    for path, oid in plan.submodules.items():
        name = _shown(project, path)
        tell(
            f"note: '{name}' stays at its commit, and the run had it at {oid[:10]}; "
            f"`git -C {shlex.quote(name)} checkout {oid[:10]}` brings it there"
        )
    for text in applied.damaged:
        tell(f"warning: {text}")
    for one in applied.missing:
        tell(f"warning: the data of '{_shown(project, one.path)}' is missing (md5 {one.md5})")
    if applied.missing:
        why = applied.reason or "the remote does not have it"
        tell(f"note: it is not in the DVC cache, and {why}")
    state = "is already in the work tree" if plan.is_empty else "is in the work tree"
    tell(f"run '{plan.run}' {state}")
    if applied.recovery is not None:
        tell("what was overwritten is kept; to undo:")
        tell(f"  {applied.recovery.undo(project.directory)}")
    return ExitCode.NO if applied.missing else ExitCode.OK


def _tell_settings(project: Project, plan: ApplyPlan) -> None:
    settings = project.path(CONFIG_NAME)
    if settings in plan.overwritten:
        name = shlex.quote(_shown(project, settings))
        tell(
            "note: the settings are now those of the run, and yours were others; "
            f"`git restore {name}` brings yours back"
        )


def _shown(project: Project, path: str) -> str:
    """Return a path as seen from where the command was called."""
    return os.path.relpath(path, project.directory or ".")
