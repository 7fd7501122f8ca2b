"""`gitexp trend`: how a metric moved over the runs."""

from __future__ import annotations

from datetime import datetime, timezone

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.selection import limit_option, where_option
from gitexp.comparison.trend import trend as follow
from gitexp.project import Project
from gitexp.rendering.trend import trend_document
from gitexp.store.index.selection import Selection
from gitexp.store.selectors import NoRuns
from gitexp.store.wanted import query, trend_metric


@click.command()
@click.argument("metric", shell_complete=complete_metric)
@where_option
@limit_option("Show at most this many runs, the newest")
@format_option
@with_reading_project
def trend(
    project: Project, *, metric: str, where: str | None, limit: int | None, format_name: str
) -> None:
    """Show how METRIC moved over the runs, oldest first, as a line and a table.

    Runs that are better than every run before them are marked, if gitexp.yaml has a goal
    for METRIC. The last part of a name will do: `loss` for `val.loss`; `params.lr` follows
    a param.

    \b
    Examples:
      gitexp trend accuracy
      gitexp trend val.loss --where 'started > "2 weeks ago"'
    """
    store = project.runs
    meant = query(store, where, project=store.project) if where is not None else None
    wanted = Selection(store.project, meant, readable=True)
    if not store.index.count(wanted):
        raise NoRuns("there are no runs to follow")
    column = trend_metric(store, metric)
    there = store.index.measured(wanted, column)
    found = follow(
        column.name,
        there.runs,
        project.config.policy if column.kind == "metrics" else None,
        without=there.without,
        failed=there.failed,
    )
    document = trend_document(found, now=datetime.now(timezone.utc), limit=limit or None)
    output.show(project, document, format_name)
