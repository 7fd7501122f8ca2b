"""`gitexp run`: run a command and record it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator

import click

from gitexp.cli.completion import complete_file, complete_override
from gitexp.cli.launchers import array_task, check_inner, is_inner, replace_process
from gitexp.cli.main import show_error
from gitexp.cli.options import recover_runs, tell, wants_colour, with_project
from gitexp.errors import ExitCode, RunExitCode, reason_of
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.execution.kept.logs import ends_a_line
from gitexp.execution.run import execute
from gitexp.execution.stages import Ending, Plan, Request
from gitexp.execution.start.chosen import chosen_command
from gitexp.execution.start.prepare import overruled, prepare
from gitexp.execution.start.taken import wait_for_work_tree
from gitexp.model.command.text import command_text
from gitexp.model.message import subject
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.settings.config import Config

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(_ctx: click.Context, _param: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * _SECONDS[(match[2] or "s").lower()] if match else 0
    if seconds <= 0:
        raise click.BadParameter("give a time such as 90, 90s, 15m or 2h")
    return seconds


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
    "--timeout", metavar="TIME", callback=_duration, help="Stop the command after 90s, 15m or 2h."
)
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
    `command:` of gitexp.yaml is run, else `dvc repro` if a dvc.yaml has stages.

    \b
    Examples:
      gitexp run -- python train.py
      gitexp run -S train.lr=0.01 -n slow -m "does a lower rate help?"
    """
    request = Request(command, overrides, name, message, timeout, allow_secrets)
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
            click.echo(_dry_text(plan))
            return ExitCode.OK
        with _stdout_for_record(as_json) as record_out:
            with _place(project, plan, copied) if temp else contextlib.nullcontext(project) as own:
                ending = execute(own, plan, tell)
            _report(project, ending, record_out if as_json else None)
    except CommandNotFound as error:
        show_error(error)
        return RunExitCode.NOT_FOUND
    except CommandNotExecutable as error:
        show_error(error)
        return RunExitCode.NOT_EXECUTABLE
    return _status(ending)


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


def _dry_text(plan: Plan) -> str:
    lines = [f"run       {plan.name}", f"command   {command_text(plan.command)}"]
    lines.append(f"baseline  {plan.baseline}")
    lines += [f"override  {text}" for text in plan.request.overrides]
    return "\n".join(lines)


@contextlib.contextmanager
def _stdout_for_record(as_json: bool) -> Iterator[int]:
    """With `--json`, keep stdout for the record alone: the command's goes to stderr."""
    if not as_json:
        yield 1
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield kept
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _report(project: Project, ending: Ending, record_out: int | None) -> None:
    """Say what was recorded; it is, so whatever fails here, the status is the command's."""
    try:
        _say(project, ending, record_out)
    except Exception as error:  # noqa: BLE001 - as above
        tell(f"warning: the run is recorded, but not reported: {reason_of(error)}")


def _say(project: Project, ending: Ending, record_out: int | None) -> None:
    if record_out is not None:
        with contextlib.suppress(OSError):  # whoever read our output has gone
            os.write(record_out, ending.run.content)
    if not ends_a_line(project, ending.run.id):
        tell("")  # a progress bar leaves the cursor where it is
    text = subject(ending.record, project.config.policy, ending.previous)
    tell(text, bold=wants_colour(sys.stderr))
    missing = _missing(project, ending.record)
    if missing and ending.record.status == "done":
        tell(f"note: '{missing[0]}' was not written, so the run has no metrics from it")
    for text in ending.notes:
        tell(text)
    for path in ending.record.changed_meanwhile:
        tell(
            f"note: '{path}' changed while the command ran; the run holds it as at the start "
            "(name it under `outputs:` if the command writes it)"
        )


def _missing(project: Project, record: RunRecord) -> list[str]:
    """Return the metrics files that were expected; the default is not, if others are there."""
    config = project.config
    if record.metrics and config.metrics == Config().metrics:
        return []
    names = [*config.metrics, *config.renamed_metrics]
    return [name for name in names if not _is_written(name, record)]


def _is_written(name: str, record: RunRecord) -> bool:
    return name in record.metrics or name in record.outputs or any(c in name for c in "*?[")


def _status(ending: Ending) -> int:
    ended = ending.ended
    if ended.reason == "timeout":
        return RunExitCode.TIMED_OUT
    if ended.code is not None:
        return ended.code
    return 128 + _number(ended.signal) if ended.signal else ExitCode.BUG


def _number(name: str) -> int:
    base, _, offset = name.partition("+")  # as SIGRTMIN+6
    return int(getattr(signal, base)) + int(offset or 0)
