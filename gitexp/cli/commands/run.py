"""`gitexp run`: run a command and record it."""

from __future__ import annotations

import contextlib
import os

import click

from gitexp.cli.completion import complete_file, complete_override
from gitexp.cli.ending import dry_text, report_ending, status_of_command, stdout_for_record
from gitexp.cli.launchers import array_task, check_inner, is_inner, replace_process
from gitexp.cli.main import show_error
from gitexp.cli.options import recover_runs, tell, timeout_option, with_project
from gitexp.errors import ExitCode, RunExitCode
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.execution.run import execute
from gitexp.execution.stages import Plan, Request
from gitexp.execution.start.chosen import chosen_command
from gitexp.execution.start.prepare import overruled, prepare
from gitexp.execution.start.taken import wait_for_work_tree
from gitexp.project import Project


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "-S",
    "--set-param",
    "overrides",
    multiple=True,
    metavar="[FILE:]KEY=VALUE",
    shell_complete=complete_override,
    help="Set a param for this run: k=v, +k=v to add, ++k=v for either, ~k to remove.",
)
@click.option("-n", "--name", help="Name of the run; without it gitexp makes one up.")
@click.option("-m", "--message", default="", help="What the run is meant to find out.")
@click.option(
    "--expect",
    metavar="EXPR",
    help="What the run should show, judged after it: 'accuracy >= baseline + 0.005'.",
)
@timeout_option
@click.option(
    "--temp/--no-temp",
    default=None,
    help="Run in a copy of the work tree, which stays untouched, or not; by default only"
    " in a scheduler's array tasks.",
)
@click.option(
    "-C",
    "--copy",
    "copied",
    multiple=True,
    metavar="PATH",
    help="With --temp: an ignored PATH to copy.",
)
@click.option("--wait", is_flag=True, help="Wait for another run in this work tree to end.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of the run as JSON.")
@click.option(
    "--allow-secrets", is_flag=True, help="Record even what looks like a token or private key."
)
@click.argument(
    "command",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="[--] [COMMAND]...",
    shell_complete=complete_file,
)
@with_project
def run(
    project: Project,
    *,
    overrides: tuple[str, ...],
    name: str | None,
    message: str,
    expect: str | None,
    timeout: float | None,
    temp: bool | None,
    copied: tuple[str, ...],
    wait: bool,
    dry_run: bool,
    as_json: bool,
    allow_secrets: bool,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND and record it as a commit on the experiments branch.

    The code as it is now, params, metrics, data, models, environment and output are
    recorded, whatever becomes of the command; your branch, index and stash stay as they
    are. One quoted COMMAND with spaces in it goes to the shell. Without COMMAND the
    `command:` of gitexp.yaml is run, else `dvc repro` if there is a dvc.yaml.

    \b
    Examples:
      gitexp run -- python train.py
      gitexp run -S train.lr=0.01 -n slow -m "does a lower rate help?"
      gitexp run -S trees=200 -m "more trees help" --expect "accuracy > baseline"
    """
    request = Request(command, overrides, name, message, timeout, allow_secrets, expect)
    try:
        temp = _is_temp(temp)
        if is_inner(os.environ):
            check_inner(os.environ, sets_params=bool(overrides), in_copy=temp)
            _, argv = chosen_command(project, request)
            replace_process(argv, project.repository.top / project.directory)
        recover_runs(project, most_bytes=None)
        if wait and not temp and not dry_run:
            wait_for_work_tree(project, tell)
        plan = prepare(project, request)
        for one, later in overruled(plan):
            tell(f"note: '{one.name}' is set more than once: the last counts, '{later.text}'")
        if dry_run:
            click.echo(dry_text(plan))
            return ExitCode.OK
        with stdout_for_record(as_json) as record_out:
            with _place(project, plan, copied) if temp else contextlib.nullcontext(project) as own:
                ending = execute(own, plan, tell)
            report_ending(project, ending, record_out if as_json else None)
    except CommandNotFound as error:
        show_error(error)
        return RunExitCode.NOT_FOUND
    except CommandNotExecutable as error:
        show_error(error)
        return RunExitCode.NOT_EXECUTABLE
    return status_of_command(ending)


def _is_temp(asked: bool | None) -> bool:
    """Return whether to run in a copy: tasks of an array would otherwise share one work tree."""
    task = array_task(os.environ)
    if asked is None and task is not None and not is_inner(os.environ):
        tell(f"note: array task {task} runs in a copy of the work tree (`--no-temp`: in this one)")
    return asked if asked is not None else task is not None


def _place(
    project: Project, plan: Plan, copied: tuple[str, ...]
) -> contextlib.AbstractContextManager[Project]:
    from gitexp.execution.start.isolation import isolated  # noqa: PLC0415 - 2 ms, for `--temp` alone

    return isolated(project, plan, copied, tell)
