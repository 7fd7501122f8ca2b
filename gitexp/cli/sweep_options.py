"""The options of `gitexp sweep` that say what is tried, group by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from gitexp.cli.completion import complete_metric
from gitexp.cli.running_options import set_param_option
from gitexp.model.policy import Goal
from gitexp.sweep.sweep import PRUNERS, SAMPLERS

F = TypeVar("F", bound=Callable[..., Any])
Group = Sequence[Callable[[Any], Any]]

METRICS = "gitexp.sweep.metrics"
AT_LEAST_ONE = click.IntRange(min=1)
_GOALS: dict[str, Goal | None] = {"metric": None, "minimize": "min", "maximize": "max"}


def _metric(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
    """Keep metrics in the order of their options, each with its goal."""
    found = ctx.meta.setdefault(METRICS, [])
    found += [(name, _GOALS[param.name or ""]) for name in names]


def _aim(flag: str, text: str) -> Callable[[F], F]:
    """Return an option that names metrics which the sweep is after."""
    return click.option(
        flag,
        multiple=True,
        metavar="METRIC",
        callback=_metric,
        expose_value=False,
        shell_complete=complete_metric,
        help=text,
    )


CHOOSING: Group = [
    click.option("--space", "space_file", metavar="FILE", help="Read axes from a YAML file."),
    click.option(
        "--points",
        "points_text",
        metavar="FILE|N",
        help="Read the points themselves from CSV or JSON ('-': stdin); a number is what -N says.",
    ),
    click.option(
        "-N", "number", type=AT_LEAST_ONE, metavar="N", help="How many points; all of a grid."
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
    _aim("--metric", "What to improve, in the direction that `policy:` in gitexp.yaml says."),
    _aim("--minimize", "What to make small."),
    _aim("--maximize", "What to make large."),
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
        "--repeat", type=AT_LEAST_ONE, default=1, metavar="N", help="Run each point N times."
    ),
    click.option("--repeat-key", metavar="KEY", help="The param that differs then; else the seed."),
]


def options(group: Group) -> Callable[[F], F]:
    """Return what gives a command the options of a group, in their order."""

    def given(command: F) -> F:
        for option in reversed(group):
            command = option(command)
        return command

    return given
