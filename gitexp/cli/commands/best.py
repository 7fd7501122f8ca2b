"""`gitexp best`: the best runs by a metric."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from datetime import datetime, timezone

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.rows import Rows
from gitexp.cli.selection import asked_of_curves, limit_option, where_option
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction
from gitexp.errors import GitexpError
from gitexp.inputs.alike import may_repeat
from gitexp.project import Project
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.table import Document
from gitexp.store.index.selection import Selection
from gitexp.store.wanted import best_selection

_SHOWN = 10


def _read_at(_ctx: click.Context, _param: click.Parameter, text: str | None) -> str | None:
    """Return what is asked of curves: a word, or a step."""
    if text is None or text in ("best", "last") or re.fullmatch(r"\d+(\.\d+)?", text):
        return text
    raise click.BadParameter("give 'best', 'last' or a step such as 100")


@click.command()
@click.argument(
    "metrics", metavar="METRIC...", nargs=-1, required=True, shell_complete=complete_metric
)
@where_option
@click.option(
    "--sort-order",
    "orders",
    type=click.Choice(["asc", "desc"]),
    multiple=True,
    help="Which come first; by default the best, as the goals of gitexp.yaml say. Once a METRIC.",
)
@limit_option("Show at most this many runs", _SHOWN)
@click.option(
    "--at",
    metavar="[best|last|STEP]",
    callback=_read_at,
    help="Compare the best or last values of the logged curves, or those at a step.",
)
@click.option("--failed", is_flag=True, help="Include runs that failed or were interrupted.")
@format_option
@with_reading_project
def best(
    project: Project,
    *,
    metrics: tuple[str, ...],
    where: str | None,
    orders: tuple[Direction, ...],
    at: str | None,
    limit: int,
    failed: bool,
    format_name: str,
) -> None:
    """Show the best runs by METRIC, the best first; runs without it, or with NaN, are left out.

    --sort-order, `policy:` in gitexp.yaml or the sweeps for METRIC, if they agree, say which
    direction is better. The last part of a name will do: `loss` for `val.loss`. Runs that differ
    only in their seed are one row, with the mean; it says so where it cannot be told from the
    row above.

    With several METRICs it shows the Pareto front: the runs that no other is better than in
    every respect, the best by the first METRIC first.

    \b
    Examples:
      gitexp best accuracy
      gitexp best val.loss -N 3 --where "train.lr < 0.1"
      gitexp best val.loss --at best
      gitexp best accuracy latency
    """
    metrics = tuple(dict.fromkeys(metrics))
    if orders and len(orders) != len(metrics):
        raise _orders(len(metrics))
    several = zip(metrics, orders or [None] * len(metrics), strict=True)
    found = [
        best_selection(
            project.runs,
            _asked(project, metric, at, order),
            where=where,
            direction=order,
            unfinished=failed,
            otherwise=lambda column: _by_sweeps(project, column),
        )
        for metric, order in several
    ]
    document = (
        _of_one(project, found[0], limit, format_name)
        if len(found) == 1
        else _front(project, found, limit)
    )
    output.show(project, document, format_name)


def _orders(count: int) -> GitexpError:
    once = "once" if count == 1 else f"{count} times, in the order of the metrics"
    return GitexpError(
        "each metric has one order of its own", hint=f"Give `--sort-order` {once}, or leave it out."
    )


def _front(project: Project, found: Sequence[Selection], limit: int) -> Document:
    from gitexp.cli.front import front_document  # noqa: PLC0415 - 8 ms, for several metrics

    sorts = [one.sort for one in found if one.sort is not None]
    beside = tuple(one.column.name for one in sorts[1:])
    shown = replace(_shown(project, found[0]), beside=beside)
    return front_document(project, found[0], sorts, limit or None, shown)


def _of_one(project: Project, wanted: Selection, limit: int, format_name: str) -> Document:
    document = _of_repeats(project, wanted, limit, exact_p=format_name in ("json", "csv"))
    if document is None:
        rows = Rows(project.runs.index.select(replace(wanted, limit=limit or None)))
        policy, now = project.config.policy, datetime.now(timezone.utc)
        document = ls_document(rows, policy=policy, now=now, shown=_shown(project, wanted))
        document = replace(document, data=rows.data)
    return document


def _shown(project: Project, wanted: Selection) -> Shown:
    assert wanted.sort is not None
    column = wanted.sort.column
    return Shown(first=column.name, asked=asked_of_curves(project, column))


def _asked(project: Project, metric: str, at: str | None, sort_order: Direction | None) -> str:
    """Return what is asked of the curve of a metric; the metric itself where nothing is."""
    if at is None:
        return metric
    if at == "last":
        return f"last({metric})"
    if at != "best":
        return f"at({metric}, {at})"
    otherwise = functools.partial(_by_sweeps, project)
    last = best_selection(
        project.runs, f"last({metric})", direction=sort_order, otherwise=otherwise
    )
    assert last.sort is not None
    return f"{'max' if last.sort.descending else 'min'}({metric})"


def _by_sweeps(project: Project, column: Column) -> Direction | None:
    from gitexp.sweep.goals import direction_by_sweeps  # noqa: PLC0415 - 10 ms, where no policy says it

    return direction_by_sweeps(project, column)


def _of_repeats(
    project: Project, wanted: Selection, limit: int, *, exact_p: bool
) -> Document | None:
    """Return the groups, with what cannot be told apart from the one above; None without any."""
    if not may_repeat(project, wanted):
        return None
    from gitexp.inputs.groups import Groups  # noqa: PLC0415 - 15 ms with the three below, where runs repeat
    from gitexp.rendering.groups import groups_document  # noqa: PLC0415
    from gitexp.review.group import noise_between  # noqa: PLC0415
    from gitexp.sweep.best import places_of  # noqa: PLC0415

    places = places_of(project, wanted)
    if places is None:
        return None
    places, groups = places[: limit or None], Groups(project)
    found = noise_between([one.sample for one in places], exact_p=exact_p)
    names = ["", *(one.name for one in groups.read(places[:-1]))]
    return groups_document(
        lambda: groups.read(places),
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=_shown(project, wanted),
        noise=[
            None if one is None else (name, one) for name, one in zip(names, found, strict=True)
        ],
    )
