"""The options of `gitexp sweep` that say how a call works on it, group by group."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from gitexp.cli.running_options import (
    copied_option,
    read_duration,
    secrets_option,
    timeout_option,
)
from gitexp.cli.sweep_options import AT_LEAST_ONE, Group
from gitexp.sweep.definition import LATEST

_COUNT = re.compile(r"[1-9][0-9]{0,8}")


def _count_or(
    words: tuple[str, ...], hint: str
) -> Callable[[click.Context, click.Parameter, str | None], int | str | None]:
    """Return what reads a count, or one of some words."""

    def read(_ctx: click.Context, _param: click.Parameter, text: str | None) -> int | str | None:
        if text is None or text in words:
            return text
        if not _COUNT.fullmatch(text):
            raise click.BadParameter(hint)
        return int(text)

    return read


_jobs = _count_or(("auto",), "give a number of agents, or `auto`")
_threads = _count_or(("auto", "keep"), "give a number of threads, `auto` or `keep`")

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
        type=AT_LEAST_ONE,
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
    click.option("--count", type=AT_LEAST_ONE, metavar="N", help="With --agent: end after N runs."),
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
