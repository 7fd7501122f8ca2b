"""`gitexp best`: the best runs by a metric."""

from __future__ import annotations

from datetime import datetime, timezone

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.selection import Rows, limit_option, sort_order_option, where_option
from gitexp.comparison.ranking import Direction
from gitexp.project import Project
from gitexp.rendering.ls import Shown, ls_document
from gitexp.store.wanted import best_selection

_SHOWN = 10


@click.command()
@click.argument("metric", shell_complete=complete_metric)
@where_option
@sort_order_option
@limit_option("Show at most this many runs", _SHOWN)
@click.option("--failed", is_flag=True, help="Include runs that failed or were interrupted.")
@format_option
@with_reading_project
def best(
    project: Project,
    *,
    metric: str,
    where: str | None,
    sort_order: Direction | None,
    limit: int,
    failed: bool,
    format_name: str,
) -> None:
    """Show the best runs by METRIC, the best first; runs without it, or with NaN, are left out.

    `policy:` in gitexp.yaml, or --sort-order, says which direction is better. The last part of
    a name will do: `loss` for `val.loss`.

    \b
    Examples:
      gitexp best accuracy
      gitexp best val.loss -N 3 --where "train.lr < 0.1"
    """
    wanted = best_selection(
        project.runs,
        metric,
        where=where,
        limit=limit or None,
        direction=sort_order,
        unfinished=failed,
    )
    assert wanted.sort is not None
    rows = Rows(project.runs.index.select(wanted))
    document = ls_document(
        rows,
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=Shown(first=wanted.sort.column.name),
    )
    output.show(project, replace(document, data=rows.data), format_name)
