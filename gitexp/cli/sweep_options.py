"""The options of `gitexp sweep`, group by group."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from gitexp.cli.completion import complete_metric
from gitexp.cli.running_options import (
    copied_option,
    read_duration,
    secrets_option,
    set_param_option,
    timeout_option,
)
from gitexp.model.policy import Goal
from gitexp.sweep.definition import LATEST
from gitexp.sweep.sweep import PRUNERS, SAMPLERS

F = TypeVar("F", bound=Callable[..., Any])
Group = Sequence[Callable[[Any], Any]]

METRICS = "gitexp.sweep.metrics"
_GOALS: dict[str, Goal | None] = {"metric": None, "minimize": "min", "maximize": "max"}


def _metric(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
    """Keep metrics in the order of their options, each with its goal."""
    found = ctx.meta.setdefault(METRICS, [])
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

CHOOSING: Group = [
    click.option("--space", "space_file", metavar="FILE", help="Read axes from a YAML file."),
    click.option(
        "--points",
        "points_text",
        metavar="FILE|N",
        help="Read the points themselves from CSV or JSON ('-': stdin); a number is what -N says.",
    ),
    click.option(
        "-N", "number", type=_at_least_one, metavar="N", help="How many points; all of a grid."
    ),
    set_param_option("Set a param in every point."),
    click.option("--such-that", metavar="EXPR", help="Try only points that fulfil a condition."),
    click.option(
        "--sampler",
        type=click.Choice(SAMPLERS),
        help="What chooses points: by default grid, where the space is finite; else tpe with a "
        "metric, random without.",
    ),
    click.option(
        "-o", "options", multiple=True, metavar="KEY=VALUE", help="An option of the sampler."
    ),
    click.option(
        "--metric",
        multiple=True,
        callback=_metric,
        expose_value=False,
        shell_complete=complete_metric,
        help="What to improve, in the direction that `policy:` in gitexp.yaml says.",
    ),
    click.option(
        "--minimize",
        multiple=True,
        metavar="METRIC",
        callback=_metric,
        expose_value=False,
        shell_complete=complete_metric,
        help="What to make small.",
    ),
    click.option(
        "--maximize",
        multiple=True,
        metavar="METRIC",
        callback=_metric,
        expose_value=False,
        shell_complete=complete_metric,
        help="What to make large.",
    ),
]
PRUNING: Group = [
    click.option(
        "--prune-on",
        metavar="VALUE",
        help="Stop runs by a value that they report while they run, to the file $GITEXP_PROGRESS.",
    ),
    click.option("--step", "prune_step", metavar="KEY", help="What counts the steps of a report."),
    click.option(
        "--progress-file",
        "prune_file",
        metavar="FILE",
        help="Where a run reports: JSON lines, CSV…",
    ),
    click.option("--pruner", type=click.Choice(PRUNERS), help="What decides: by default, median."),
    click.option(
        "--pruner-option",
        "prune_options",
        multiple=True,
        metavar="KEY=VALUE",
        help="Of the pruner.",
    ),
    click.option("--no-prune", is_flag=True, help="Stop no run, whatever gitexp.yaml says."),
]
REPEATING: Group = [
    click.option("--seed", type=int, default=0, show_default=True, help="Of the sampler."),
    click.option(
        "--repeat", type=_at_least_one, default=1, metavar="N", help="Run each point N times."
    ),
    click.option("--repeat-key", metavar="KEY", help="The param that differs then; else the seed."),
]
PLACES: Group = [
    click.option("-j", "--jobs", callback=_jobs, metavar="N|auto", help="How many runs at once."),
    click.option("--gpus", metavar="0,1|auto", help="Run at once, one on each of these GPUs."),
    click.option(
        "--slot",
        "slots",
        multiple=True,
        metavar="'VAR=VALUE …'",
        help="Run at once, one with each of these settings of variables.",
    ),
    click.option(
        "--threads",
        callback=_threads,
        metavar="N|auto|keep",
        help="Numerical threads of a run; by default the cores by the number of jobs.",
    ),
]
LIMITS: Group = [
    click.option("--asap", is_flag=True, help="Use results as they come; not repeatable."),
    click.option(
        "--window",
        type=click.IntRange(min=0),
        metavar="N",
        help="Choose without the last N results.",
    ),
    timeout_option,
    click.option(
        "--max-time", callback=read_duration, metavar="TIME", help="Start no run after 30m or 8h."
    ),
    click.option(
        "--max-failures",
        type=_at_least_one,
        metavar="N",
        help="Stop when so many runs have failed.",
    ),
    click.option("--again", type=click.Choice(["failed", "all"]), help="Run settled points again."),
]
CALL: Group = [
    click.option(
        "--engine",
        metavar="dask:ADDRESS|ray",
        help="Run on the workers of a Dask or Ray cluster, which need not share a disk with this "
        "host.",
    ),
    click.option(
        "--agent", "is_agent", is_flag=True, help="With --resume: be one agent, no screen."
    ),
    click.option(
        "--count", type=_at_least_one, metavar="N", help="With --agent: end after N runs."
    ),
    click.option(
        "--resume",
        is_flag=False,
        flag_value=LATEST,
        metavar="[SWEEP]",
        help="Go on with a sweep, by its name or id; without one, with the latest.",
    ),
    click.option("-n", "--name", help="Name of the sweep; its runs are NAME-0, NAME-1 and so on."),
    click.option("-m", "--message", default="", help="What the sweep is meant to find out."),
    click.option(
        "--expect",
        metavar="EXPR",
        help="What each run should show, judged after it: 'accuracy >= baseline + 0.005'.",
    ),
    copied_option("An ignored PATH that every run gets a copy of."),
    click.option(
        "--follow", type=click.IntRange(min=0), metavar="N", help="Show what point N prints."
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing."),
    click.option(
        "--script",
        type=click.Choice(["slurm"]),
        help="Begin the sweep, run nothing here, and print what starts its agents elsewhere.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    secrets_option,
]


def options(group: Group) -> Callable[[F], F]:
    """Return what gives a command the options of a group, in their order."""

    def given(command: F) -> F:
        for option in reversed(group):
            command = option(command)
        return command

    return given
