"""`gitexp rerun`: runs made again."""

from __future__ import annotations

import contextlib
import os
import sys

import click
from msgspec.structs import replace

from gitexp.cli.completion import complete_run
from gitexp.cli.ending import (
    dry_text,
    not_started,
    report_ending,
    status_of_command,
    stdout_for_record,
    used_environment,
)
from gitexp.cli.launchers import check_rank
from gitexp.cli.options import follow_up, recover_runs, say, tell, with_project
from gitexp.cli.running_options import (
    copied_option,
    environment_option,
    incomplete_option,
    secrets_option,
    set_param_option,
    timeout_option,
)
from gitexp.cli.selection import matching_runs, where_option
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.command.process import CommandNotExecutable, CommandNotFound
from gitexp.model.ranks import rank_above_zero
from gitexp.model.text import harmless_lines
from gitexp.project import Project
from gitexp.registry.naming import as_selector
from gitexp.rerunning.original import Original, read_original
from gitexp.rerunning.rerun import Wanted, prepared
from gitexp.rerunning.rerun import rerun as run_again
from gitexp.store.ranges import runs_of
from gitexp.store.stored_run import StoredRun


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
@where_option
@click.option("--onto", metavar="REV", help="On the code and data of REV: same command and params.")
@set_param_option("Set a param for the new run, as in `gitexp run`.")
@click.option("-n", "--name", help="Name of the new run; without it gitexp makes one up.")
@click.option("-m", "--message", default="", help="Its message, else `rerun of` the first.")
@copied_option("An ignored PATH to copy from here.")
@environment_option
@incomplete_option
@timeout_option
@click.option("--script", is_flag=True, help="Print a shell script that does it without gitexp.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of each new run as JSON.")
@secrets_option
@with_project
def rerun(
    project: Project,
    *,
    runs: tuple[str, ...],
    where: str | None,
    onto: str | None,
    overrides: tuple[str, ...],
    name: str | None,
    message: str,
    copied: tuple[str, ...],
    in_environment: bool,
    incomplete: bool,
    timeout: float | None,
    script: bool,
    dry_run: bool,
    as_json: bool,
    allow_secrets: bool,
) -> int:
    """Run the command of RUN again, on the files, params and data that it began with.

    It happens in a work tree of its own, without what the first run wrote; yours stays as it is.
    What comes of it is a new run that says of which one it is a rerun. Several runs follow one
    another in the order in which they are named; a range A..B is the runs after A, up to B.

    \b
    Examples:
      gitexp rerun brave-otter-7f
      gitexp rerun brave-otter-7f --onto main
      gitexp rerun --where "seed = 1" -S seed=2
      gitexp rerun brave-otter-7f --script > again.sh
    """
    if rank_above_zero(os.environ) is not None:
        check_rank(os.environ, sets_params=bool(overrides), in_copy=True)
    chosen = _chosen(project, runs, where)
    differs = bool(overrides or copied or in_environment)
    _check_request(chosen, name, script=script, differs=differs)
    recover_runs(project, most_bytes=None)
    originals = [
        read_original(
            project, run, onto=onto, may_lack=_may_lack(run, copied, incomplete=incomplete)
        )
        for run in chosen
    ]
    if script:
        from gitexp.rerunning.script import script_of  # noqa: PLC0415 - 1 ms, for `--script` alone

        lines = script_of(project, originals[0])
        click.echo(harmless_lines(lines) if sys.stdout.isatty() else lines, nl=False)
        return ExitCode.OK
    wanted = Wanted(overrides, name, message, timeout, allow_secrets, copied, incomplete)
    if dry_run:
        for original in originals:
            _show_plan(project, original, wanted)
        return ExitCode.OK
    codes = [
        _again(project, original, wanted, as_json=as_json, in_environment=in_environment)
        for original in originals
    ]
    return next((code for code in codes if code), ExitCode.OK)


def _check_request(
    chosen: list[StoredRun], name: str | None, *, script: bool, differs: bool
) -> None:
    """Raise GitexpError for options that cannot be had together."""
    if len(chosen) > 1 and name is not None:
        raise GitexpError(f"one name for {len(chosen)} runs", hint="Leave out `-n`.")
    if script and len(chosen) > 1:
        raise GitexpError("a script runs one run again", hint="Print one for each of them.")
    if script and differs:
        raise GitexpError(
            "a script runs a run again as it was", hint="Leave out `-S`, `-C` and `--env`."
        )


def _may_lack(run: StoredRun, copied: tuple[str, ...], *, incomplete: bool) -> tuple[str, ...]:
    return run.record.left_out if incomplete and run.problem is None else copied


def _chosen(project: Project, names: tuple[str, ...], where: str | None) -> list[StoredRun]:
    if bool(names) == (where is not None):
        raise GitexpError(
            "which runs should be run again?", hint="Name them, or give `--where`; not both."
        )
    if where is None:
        return runs_of(project.runs, [as_selector(project, name) for name in names])
    found = matching_runs(project, where)[::-1]
    if not found:
        raise GitexpError(f"no run matches {where}", hint="`gitexp ls` lists all runs.")
    return found


def _show_plan(project: Project, original: Original, wanted: Wanted) -> None:
    with prepared(project, original, wanted, tell) as (_, plan):
        say(f"rerun of  {original.run.name}\n{dry_text(plan)}")


def _again(
    project: Project, original: Original, wanted: Wanted, *, as_json: bool, in_environment: bool
) -> int:
    tell(f"running again: '{original.run.name}'")
    try:
        with (
            stdout_for_record(as_json) as record_out,
            used_environment(project, original.run, wanted=in_environment) as python,
        ):
            ending = run_again(project, original, replace(wanted, python=python), tell)
            with contextlib.suppress(OSError):
                report_ending(project, ending, record_out if as_json else None)
        follow_up(project, ending.run.id)
    except (CommandNotFound, CommandNotExecutable) as error:
        return not_started(error)
    return status_of_command(ending)
