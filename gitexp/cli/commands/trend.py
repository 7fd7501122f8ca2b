"""`gitexp trend`: how a metric moved over the runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.options import format_option, with_project
from gitexp.cli.selection import matching_runs, where_option
from gitexp.comparison.trend import Followed, MeasuredRun, find_values, followed_kind
from gitexp.comparison.trend import trend as follow
from gitexp.errors import GitexpError
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.rendering.trend import trend_document
from gitexp.store.reading import StoredRun


@click.command()
@click.argument("metric", shell_complete=complete_metric)
@where_option
@click.option(
    "-N", "--limit", type=click.IntRange(min=1), help="Show so many runs at most, the newest."
)
@format_option
@with_project
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
    kind = followed_kind(metric)
    runs = list(_readable(matching_runs(project, where), kind))
    if not runs:
        raise GitexpError("there is no run to follow", hint="Make one with `gitexp run`.")
    params = [one for one in project.runs.index.columns(project.folder) if one.kind == "params"]
    name = find_values(metric, runs, params)
    found = follow(name, runs, project.config.policy if kind == "metrics" else None)
    document = trend_document(found, now=datetime.now(timezone.utc), limit=limit)
    output.show(project, document, format_name)


def _readable(runs: Iterable[StoredRun], kind: Followed) -> Iterator[MeasuredRun]:
    """Yield what is asked of the runs that this gitexp can read."""
    for run in runs:
        with contextlib.suppress(UnreadableRecord):
            yield MeasuredRun.of(run.oid, run.record, kind)
