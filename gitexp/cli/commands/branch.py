"""`gitexp branch`: a run onto a branch."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.options import tell, with_project
from gitexp.errors import ExitCode
from gitexp.handover.branch import execute_branch
from gitexp.handover.branch_plan import BranchPlan, plan_branch
from gitexp.handover.contents import read_contents
from gitexp.model.text import harmless, harmless_lines
from gitexp.project import Project
from gitexp.registry.naming import get_run

_SHOWN = 5


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.argument("name", metavar="BRANCH")
@click.option("--onto", metavar="REV", help="Build on REV instead of the run's baseline.")
@click.option("--all", "everything", is_flag=True, help="Take every file of the run.")
@click.option("-n", "--dry-run", is_flag=True, help="Print the commit without making it.")
@with_project
def branch(
    project: Project, *, run: str, name: str, onto: str | None, everything: bool, dry_run: bool
) -> ExitCode:
    """Make BRANCH with one commit on top of the baseline of RUN: what the run changed.

    It holds the changes of tracked files, the declared outputs that git does not ignore, and
    the pointers, and a message fit for a pull request. Nothing is checked out, the work tree
    stays as it is.

    \b
    Example:
      gitexp branch brave-otter-7f better-rate
      git push -u origin better-rate
    """
    contents = read_contents(project, get_run(project, run))
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        plan = plan_branch(project, contents, name, Path(scratch), onto=onto, everything=everything)
        for note in plan.notes:
            tell(f"note: {note}")
        done = None if dry_run else execute_branch(project, plan, Path(scratch))
    _print(project, plan)
    if done is None:
        click.echo(f"\n{harmless_lines(plan.message)}", nl=False)
        return ExitCode.OK
    if done.warning:
        tell(f"warning: {done.warning}")
    tell(f"branch '{name}' is {done.oid[:10]}, one commit on top of {plan.parent[:10]}")
    return ExitCode.OK


def _print(project: Project, plan: BranchPlan) -> None:
    for path, entry in plan.changes.items():
        known = "modified" if path in plan.overwritten else "added"
        word = "removed" if entry is None else known
        click.echo(f"{word:<10}{harmless(_shown(project, path))}")
    _tell_left_out(project, plan.left_out, "nothing names it")
    _tell_left_out(project, plan.ignored, "git ignores it")


def _tell_left_out(project: Project, paths: Sequence[str], reason: str) -> None:
    if paths:
        names = ", ".join(f"'{_shown(project, path)}'" for path in paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        tell(f"note: left out, because {reason}: {names}{more} (`--all` takes all)")


def _shown(project: Project, path: str) -> str:
    """Return a path as seen from where the command was called."""
    return os.path.relpath(path, project.directory or ".")
