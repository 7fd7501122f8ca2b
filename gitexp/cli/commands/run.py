"""`gitexp run`: run a command and record it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click
from msgspec.structs import replace

from gitexp.cli.completion import complete_file
from gitexp.cli.ending import not_started, status_of_ended
from gitexp.cli.launchers import check_rank, replace_process
from gitexp.cli.nested import is_recorded_elsewhere, outer_run, runs_elsewhere, why_not_recorded
from gitexp.cli.options import recover_attempts, recover_runs, say, tell, with_project
from gitexp.cli.running import How, run_once
from gitexp.cli.running_options import (
    copied_option,
    secrets_option,
    set_param_option,
    timeout_option,
)
from gitexp.cli.schedulers import array_task, job_of
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.execution.run import ProjectMoved
from gitexp.execution.stages import Request
from gitexp.execution.start.chosen import chosen_command
from gitexp.model.command.text import command_text
from gitexp.model.override import UnknownParam
from gitexp.model.ranks import rank_above_zero
from gitexp.project import Project


@click.command(context_settings={"allow_interspersed_args": False})
@set_param_option(
    "Set a param in its file, where it stays after a success: k=v, +k=v to add, ++k=v for either,"
    " ~k to remove."
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
@copied_option("With --temp: an ignored PATH to copy.")
@click.option("--wait", is_flag=True, help="Wait for another run in this work tree to end.")
@click.option(
    "--repeat",
    type=click.IntRange(1),
    metavar="N",
    help="Run it N times, with one seed after the other: 0, 1, …, or from that of -S on.",
)
@click.option("--repeat-key", metavar="PARAM", help="With --repeat: the param that is the seed.")
@click.option(
    "--needed",
    is_flag=True,
    help="Run it only if no run is known with the same inputs and command.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of the run as JSON.")
@secrets_option
@click.option(
    "--allow-held-out",
    is_flag=True,
    help="Let the command read what `held_out:` names; the record says so.",
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
    repeat: int | None,
    repeat_key: str | None,
    needed: bool,
    dry_run: bool,
    as_json: bool,
    allow_secrets: bool,
    allow_held_out: bool,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND and record it as a commit on the experiments branch.

    The code as it is now, params, metrics, data, models, environment and output are
    recorded, whatever becomes of the command; your branch, index and stash stay as they
    are. One quoted COMMAND with spaces in it goes to the shell. Without COMMAND the
    `command:` of gitexp.yaml is run, else `dvc repro` if a dvc.yaml has stages.

    \b
    Examples:
      gitexp run -- python train.py
      gitexp run -S train.lr=0.01 -n slow -m "does a lower rate help?"
      gitexp run -S trees=200 -m "more trees help" --expect "accuracy > baseline"
      gitexp run --repeat 5 -S trees=200
    """
    request = Request(
        *(command, overrides, name, message, timeout, allow_secrets, allow_held_out, expect),
        job=job_of(os.environ),
    )
    try:
        if is_recorded_elsewhere(project, os.environ):
            alone = repeat is None and not needed
            return _only_execute(project, request, dry_run=dry_run, in_copy=temp, alone=alone)
        how = How(_is_temp(temp), copied, wait, dry_run, needed, as_json)
        request = replace(request, around=runs_elsewhere(project, os.environ))
        recover_runs(project, most_bytes=None)
        recover_attempts(project, request.job)
        if repeat is None and repeat_key is not None:
            raise GitexpError("nothing is repeated", hint="Say how often: `--repeat 5`.")
        if repeat is None:
            return run_once(project, request, how).status
        from gitexp.cli.repeating import Repeated, run_repeats  # noqa: PLC0415 - 30 ms, for `--repeat` alone

        return run_repeats(project, request, how, Repeated(repeat, repeat_key))
    except (CommandNotFound, CommandNotExecutable) as error:
        return not_started(error)
    except UnknownParam as unknown:
        from gitexp.cli.flags import with_flag  # noqa: PLC0415 - 1 ms, where something is wrong

        raise with_flag(project, unknown, command) from unknown
    except ProjectMoved as moved:
        return _status_where_it_lies(moved)


def _status_where_it_lies(moved: ProjectMoved) -> int:
    """Record a run where its project lies now: the current directory has moved along with it."""
    from gitexp.execution.recover import recover_moved  # noqa: PLC0415 - 100 ms, where a project was moved

    with contextlib.suppress(GitexpError, OSError):  # then the next command there may do it
        if recover_moved(Path.cwd(), moved.run_id, tell):
            return status_of_ended(moved.ended)
    raise moved


def _only_execute(
    project: Project, request: Request, *, dry_run: bool, in_copy: bool | None, alone: bool
) -> int:
    """Become the command, which the run around it or the process of rank 0 records.

    It is run just once: `alone` says whether nothing else was asked for.
    """
    outer = outer_run(project, os.environ)
    if outer is None and rank_above_zero(os.environ) is not None:
        is_copied = in_copy if in_copy is not None else array_task(os.environ) is not None
        sets_params = bool(request.overrides)
        check_rank(os.environ, sets_params=sets_params, in_copy=is_copied, repeats=not alone)
    elif not alone:
        tell("note: `--repeat` and `--needed` have no effect inside another run")
    command, argv = chosen_command(project, request)
    why = why_not_recorded(os.environ, outer, request.name)
    if why is not None:
        tell(why)
    if not dry_run:
        replace_process(argv, project.repository.top / project.directory)
    say(f"command   {command_text(command)}")
    return ExitCode.OK


def _is_temp(asked: bool | None) -> bool:
    """Return whether to run in a copy: tasks of an array would otherwise share one work tree."""
    task = array_task(os.environ)
    if asked is None and task is not None:
        tell(f"note: array task {task} runs in a copy of the work tree (`--no-temp`: in this one)")
    return asked if asked is not None else task is not None
