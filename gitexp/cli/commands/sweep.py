"""`gitexp sweep`: many runs from one description."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.nested import is_recorded_elsewhere
from gitexp.cli.options import recover_runs, tell, with_project
from gitexp.cli.running_options import (
    copied_option,
    read_duration,
    secrets_option,
    set_param_option,
    timeout_option,
)
from gitexp.cli.sweep_engine import engine_jobs
from gitexp.cli.sweep_screen import watched
from gitexp.cli.sweep_words import SweepCommand, command_to_run
from gitexp.errors import ExitCode, GitexpError
from gitexp.execution.stages import Ending
from gitexp.model.message import subject
from gitexp.model.policy import Goal
from gitexp.project import Project
from gitexp.rendering.sweep import plan_document
from gitexp.rendering.sweep_progress import final_document
from gitexp.settings.sweep import SweepSettings
from gitexp.sweep.asked import Asked
from gitexp.sweep.begin import Begun, begun, gone_on
from gitexp.sweep.definition import LATEST
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.places import jobs_of, slots_of
from gitexp.sweep.process import be_agent, be_agent_of_call, is_started_by_call
from gitexp.sweep.running import keep_files, run_sweep
from gitexp.sweep.slurm import slurm_script
from gitexp.sweep.sweep import PRUNERS, SAMPLERS

_METRICS = "gitexp.sweep.metrics"
_GOALS: dict[str, Goal | None] = {"metric": None, "minimize": "min", "maximize": "max"}


def _metric(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
    """Keep metrics in the order of their options, each with its goal."""
    found = ctx.meta.setdefault(_METRICS, [])
    found += [(name, _GOALS[param.name or ""]) for name in names]


def _jobs(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | str | None:
    if text is None or text == "auto":
        return text
    return _count(text, "give a number of agents, or `auto`")


def _threads(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | str | None:
    if text is None or text in ("auto", "keep"):
        return text
    return _count(text, "give a number of threads, `auto` or `keep`")


def _count(text: str, what: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise click.BadParameter(what)
    return int(text)


_at_least_one = click.IntRange(min=1)


@click.command(cls=SweepCommand)
@click.option("--space", "space_file", metavar="FILE", help="Read axes from a YAML file.")
@click.option(
    "--points",
    "points_text",
    metavar="FILE|N",
    help="Read the points themselves from CSV or JSON ('-': stdin); a number is what -N says.",
)
@click.option(
    "-N", "number", type=_at_least_one, metavar="N", help="How many points; all of a grid."
)
@set_param_option("Set a param in every point.")
@click.option("--such-that", metavar="EXPR", help="Try only points that fulfil a condition.")
@click.option(
    "--sampler",
    type=click.Choice(SAMPLERS),
    help="What chooses points: by default grid, where the space is finite; else tpe with a metric, "
    "random without.",
)
@click.option("-o", "options", multiple=True, metavar="KEY=VALUE", help="An option of the sampler.")
@click.option(
    "--metric",
    multiple=True,
    callback=_metric,
    expose_value=False,
    shell_complete=complete_metric,
    help="What to improve, in the direction that `policy:` in gitexp.yaml says.",
)
@click.option(
    "--minimize",
    multiple=True,
    metavar="METRIC",
    callback=_metric,
    expose_value=False,
    shell_complete=complete_metric,
    help="What to make small.",
)
@click.option(
    "--maximize",
    multiple=True,
    metavar="METRIC",
    callback=_metric,
    expose_value=False,
    shell_complete=complete_metric,
    help="What to make large.",
)
@click.option(
    "--prune-on",
    metavar="VALUE",
    help="Stop runs by a value that they report while they run, to the file $GITEXP_PROGRESS.",
)
@click.option("--step", "prune_step", metavar="KEY", help="What counts the steps of a report.")
@click.option(
    "--progress-file", "prune_file", metavar="FILE", help="Where a run reports: JSON lines, CSV…"
)
@click.option("--pruner", type=click.Choice(PRUNERS), help="What decides: by default, median.")
@click.option(
    "--pruner-option", "prune_options", multiple=True, metavar="KEY=VALUE", help="Of the pruner."
)
@click.option("--no-prune", is_flag=True, help="Stop no run, whatever gitexp.yaml says.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sampler.")
@click.option(
    "--repeat", type=_at_least_one, default=1, metavar="N", help="Run each point N times."
)
@click.option("--repeat-key", metavar="KEY", help="The param that differs then; else the seed.")
@click.option("-j", "--jobs", callback=_jobs, metavar="N|auto", help="How many runs at once.")
@click.option("--gpus", metavar="0,1|auto", help="Run at once, one on each of these GPUs.")
@click.option(
    "--slot",
    "slots",
    multiple=True,
    metavar="'VAR=VALUE …'",
    help="Run at once, one with each of these settings of variables.",
)
@click.option(
    "--threads",
    callback=_threads,
    metavar="N|auto|keep",
    help="Numerical threads of a run; by default the cores by the number of jobs.",
)
@click.option("--asap", is_flag=True, help="Use results as they come; not repeatable.")
@click.option(
    "--window", type=click.IntRange(min=0), metavar="N", help="Choose without the last N results."
)
@timeout_option
@click.option(
    "--max-time", callback=read_duration, metavar="TIME", help="Start no run after 30m or 8h."
)
@click.option(
    "--max-failures", type=_at_least_one, metavar="N", help="Stop when so many runs have failed."
)
@click.option("--again", type=click.Choice(["failed", "all"]), help="Run settled points again.")
@click.option(
    "--engine",
    metavar="dask:ADDRESS|ray",
    help="Run on the workers of a Dask or Ray cluster, which need not share a disk with this host.",
)
@click.option("--agent", "is_agent", is_flag=True, help="With --resume: be one agent, no screen.")
@click.option("--count", type=_at_least_one, metavar="N", help="With --agent: end after N runs.")
@click.option(
    "--resume",
    is_flag=False,
    flag_value=LATEST,
    metavar="[SWEEP]",
    help="Go on with a sweep, by its name or id; without one, with the latest.",
)
@click.option("-n", "--name", help="Name of the sweep; its runs are NAME-0, NAME-1 and so on.")
@click.option("-m", "--message", default="", help="What the sweep is meant to find out.")
@click.option(
    "--expect",
    metavar="EXPR",
    help="What each run should show, judged after it: 'accuracy >= baseline + 0.005'.",
)
@copied_option("An ignored PATH that every run gets a copy of.")
@click.option("--follow", type=click.IntRange(min=0), metavar="N", help="Show what point N prints.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option(
    "--script",
    type=click.Choice(["slurm"]),
    help="Begin the sweep, run nothing here, and print what starts its agents elsewhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@secrets_option
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
    points_file, points = _points(said["points_text"], said["number"])
    how = _options(project.config.sweep, points, said, script)
    asked = _asked(points_file, how, said)
    _check_agent(how, resume)
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


def _options(
    settings: SweepSettings, points: int | None, said: Mapping[str, Any], script: str | None
) -> SweepOptions:
    """Return how the sweep is to be worked on: as the command line says, else as the settings."""
    places = slots_of(said["gpus"], said["slots"])
    at_once = None
    if said["engine"] is None:
        jobs = jobs_of(said["jobs"], places, settings.jobs)
    else:
        jobs, at_once = engine_jobs(said, script)
    threads, timeout = said["threads"], said["timeout"]
    limits = ("asap", "max_time", "max_failures", "again", "count")
    same = (*limits, "is_agent", "follow", "as_json", "engine")
    return SweepOptions(
        points=points,
        jobs=jobs,
        at_once=at_once,
        slots=places,
        threads=settings.threads if threads is None else threads,
        timeout=settings.timeout if timeout is None else timeout,
        lease=settings.lease,
        copied=(*settings.copied, *said["copied"]),
        allow_secrets=said["allow_secrets"],
        **{name: said[name] for name in same},
    )


def _asked(points_file: str | None, how: SweepOptions, said: Mapping[str, Any]) -> Asked:
    """Return what makes the sweep what it is."""
    same = ("words", "space_file", "such_that", "sampler", "options", "seed", "repeat")
    more = ("repeat_key", "window", "name", "message", "expect", "allow_secrets")
    prune = ("prune_on", "prune_step", "prune_file", "pruner", "prune_options", "no_prune")
    return Asked(
        command=command_to_run(),
        points_file=points_file,
        fixed=said["overrides"],
        points=how.points,
        metrics=tuple(click.get_current_context().meta.get(_METRICS, ())),
        jobs=how.jobs,
        **{name: said[name] for name in (*same, *more, *prune)},
    )


def _carried_out(
    project: Project, found: Begun, how: SweepOptions, *, dry_run: bool, script: str | None
) -> int:
    if script is not None:
        return _print_script(project, found, how, dry_run=dry_run)
    if dry_run:
        output.show(project, plan_document(found.plan), "json" if how.as_json else "text")
        return ExitCode.OK
    if how.is_agent:
        return _be_agent(project, found, how)
    with watched(project, how.follow) as seen:
        ended = run_sweep(project, found, how, seen.tell, seen.show)
    if not how.as_json:
        click.echo("", err=True)
    output.show(project, final_document(ended.progress), "json" if how.as_json else "text")
    return ended.code


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
        tell(subject(ending.record, project.config.policy, ending.previous))

    keep_files(project, found, how, tell)
    how = replace(how, points=found.plan.points)
    return be_agent(project, found.plan.sweep.id, how, tell, report)


def _points(text: str | None, number: int | None) -> tuple[str | None, int | None]:
    """Return the file of points and how many there are to be; `--points 24` is `-N 24`."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return text, number
    if number is not None:
        raise GitexpError("`--points` and `-N` both say how many points", "Use one of them.")
    if int(text) < 1:
        raise GitexpError("no points to try", "Give a number from 1 on.")
    return None, int(text)


def _check_agent(how: SweepOptions, resume: str | None) -> None:
    if how.is_agent and resume is None:
        raise GitexpError(
            "an agent needs a sweep that has begun",
            hint="Name it: `gitexp sweep --agent --resume SWEEP`.",
        )
    if how.count is not None and not how.is_agent:
        raise GitexpError("`--count` is for an agent", "Add `--agent`, or use `-N`.")
