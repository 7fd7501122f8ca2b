"""`gitexp sweep`: many runs from one description."""

from __future__ import annotations

import os
from typing import Any

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.nested import is_recorded_elsewhere
from gitexp.cli.options import follow_up, recover_runs, tell, with_project
from gitexp.cli.sweep_call_options import CALL, LIMITS, PLACES
from gitexp.cli.sweep_options import CHOOSING, PRUNING, REPEATING, options
from gitexp.cli.sweep_said import asked_of, check_agent, options_of, points_of
from gitexp.cli.sweep_screen import watched
from gitexp.cli.sweep_words import SweepCommand, command_to_run, notes_on_command
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.stages import Ending
from gitexp.execution.start.called_from import away_from_script
from gitexp.model.message import last_line
from gitexp.project import Project
from gitexp.rendering.sweep import plan_document
from gitexp.rendering.sweep_end import final_document
from gitexp.sweep.begin import Begun, begun, gone_on
from gitexp.sweep.keeping import keep_files, note_if_over
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.process import be_agent, be_agent_of_call, is_started_by_call
from gitexp.sweep.progress import Outcome, ranked
from gitexp.sweep.running import Ended, run_sweep
from gitexp.sweep.slurm import slurm_script


@click.command(cls=SweepCommand)
@options(CHOOSING)
@options(PRUNING)
@options(REPEATING)
@options(PLACES)
@options(LIMITS)
@options(CALL)
@click.argument("words", nargs=-1, metavar="[SPACE]...")
@with_project
def sweep(
    project: Project, /, *, resume: str | None, dry_run: bool, script: str | None, **said: Any
) -> int:
    """Run COMMAND once for each point of SPACE, and record each run.

    SPACE is one or more axes: `lr=0.1,0.01`, `depth='range(2,10,2)'`,
    `'lr=tag(log,interval(1e-4,1e-1))'`. Their values go into the params file that has the key,
    or into COMMAND where it says {lr}. All runs start from the files as they are now, each in a
    copy of its own. Given again, the same words go on where the sweep has stopped.

    \b
    Examples:
      gitexp sweep lr=0.1,0.01 'depth=range(2,10,2)' -- python train.py
      gitexp sweep 'lr=tag(log,interval(1e-4,1e-1))' -N 60 --minimize loss -j 2 \\
        -- python train.py --lr {lr}
      gitexp sweep --resume lr-scan -N 100
    """
    if said["is_agent"] and resume is not None and is_started_by_call():
        return be_agent_of_call(project, resume, tell)
    for note in notes_on_command():
        tell(note)
    if resume is None and not command_to_run() and (way := away_from_script(project, "sweep …")):
        tell(f"note: {way}")
    points_file, points = points_of(said["points_text"], said["number"])
    how = options_of(project.config.sweep, points, said, script)
    asked = asked_of(points_file, how, said)
    check_agent(how, resume)
    if is_recorded_elsewhere(project, os.environ):
        raise GitexpError(
            "a sweep inside of a run would be recorded twice",
            hint="Start it in a shell of its own, outside of that run.",
        )
    recover_runs(project, most_bytes=None)
    if resume is not None:
        with gone_on(project, resume, asked, how, tell) as found:
            return _carried_out(project, found, how, dry_run=dry_run, script=script)
    with begun(project, asked, how, tell) as found:
        return _carried_out(project, found, how, dry_run=dry_run, script=script)


def _carried_out(
    project: Project, found: Begun, how: SweepOptions, *, dry_run: bool, script: str | None
) -> int:
    _check_followed(found, how)
    if script is not None:
        return _print_script(project, found, how, dry_run=dry_run)
    if dry_run:
        output.show(project, plan_document(found.plan), "json" if how.as_json else "text")
        return ExitCode.OK
    if how.is_agent:
        return _be_agent(project, found, how)
    with watched(project, how.follow) as seen:
        ended = run_sweep(project, found, how, seen.tell, seen.show)
    if found.plan.is_carried_out:
        tell("nothing left to run")
    elif not how.as_json:
        click.echo("", err=True)
    output.show(project, final_document(ended.progress), "json" if how.as_json else "text")
    _follow_up(project, ended)
    return ended.code


def _follow_up(project: Project, ended: Ended) -> None:
    """Start what is to follow the sweep: its runs are pushed together, and told of as one."""
    progress = ended.progress
    sweep, best = progress.sweep, ranked(progress.sweep, progress.settled)

    def told() -> dict[str, object]:
        outcomes: tuple[Outcome, ...] = ("done", "failed", "pruned", "stopped")
        return {
            "id": sweep.id,
            "name": sweep.name or sweep.id,
            "exit_code": int(ended.code),
            "runs": {one: progress.count(one) for one in outcomes},
        }

    follow_up(project, best[0].first.run_id if best else None, told)


def _check_followed(found: Begun, how: SweepOptions) -> None:
    points = found.plan.points
    if how.follow is not None and how.follow >= points:
        raise GitexpError(
            f"there is no point {how.follow} to follow",
            f"Points count from 0: the last one is {points - 1}.",
        )


def _print_script(project: Project, found: Begun, how: SweepOptions, *, dry_run: bool) -> int:
    if dry_run:
        tell("note: the sweep has not begun: without `--dry-run` it begins, and agents find it")
    else:
        keep_files(project, found, how, tell)
    place = project.repository.top / project.directory
    click.echo(slurm_script(found.plan, how.jobs, place), nl=False)
    return ExitCode.OK


def _be_agent(project: Project, found: Begun, how: SweepOptions) -> int:
    def report(ending: Ending) -> None:
        tell(last_line(ending.record, project.config.policy, ending.previous))

    keep_files(project, found, how, tell)
    how = replace(how, points=found.plan.points)
    code = be_agent(project, found.plan.sweep.id, how, tell, report)
    note_if_over(project, found.plan)
    follow_up(project)
    return code
