"""`gitexp best`: the best runs by a metric."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.completion import complete_metric
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.selection import Rows, limit_option, sort_order_option, where_option
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction
from gitexp.inputs.groups import Groups, Places
from gitexp.project import Project
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.table import Document
from gitexp.review.group import noise_between
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

    --sort-order, `policy:` in gitexp.yaml or the sweeps for METRIC, if they agree, say which
    direction is better. The last part of a name will do: `loss` for `val.loss`. Runs that differ
    only in their seed are one row, with the mean; it says so where it cannot be told from the
    row above.

    \b
    Examples:
      gitexp best accuracy
      gitexp best val.loss -N 3 --where "train.lr < 0.1"
    """
    wanted = best_selection(
        project.runs,
        metric,
        where=where,
        direction=sort_order,
        unfinished=failed,
        otherwise=lambda column: _by_sweeps(project, column),
    )
    assert wanted.sort is not None
    shown = Shown(first=wanted.sort.column.name)
    from gitexp.inputs.groups import Groups  # noqa: PLC0415 - 15 ms, not for the help alone

    groups = Groups(project)
    places = groups.places(wanted)[: limit or None]
    if any(len(one.members) > 1 for one in places):
        output.show(
            project,
            _of_groups(project, groups, places, shown, exact_p=format_name in ("json", "csv")),
            format_name,
        )
        return
    rows = Rows(project.runs.index.at([one.members[0].position for one in places]))
    document = ls_document(
        rows, policy=project.config.policy, now=datetime.now(timezone.utc), shown=shown
    )
    output.show(project, replace(document, data=rows.data), format_name)


def _by_sweeps(project: Project, column: Column) -> Direction | None:
    from gitexp.sweep.goals import direction_by_sweeps  # noqa: PLC0415 - 10 ms, where no policy says it

    return direction_by_sweeps(project, column)


def _of_groups(
    project: Project, groups: Groups, places: Sequence[Places], shown: Shown, *, exact_p: bool
) -> Document:
    """Return the groups with what cannot be told apart from the one above it."""
    from gitexp.rendering.groups import groups_document  # noqa: PLC0415 - 5 ms, where runs repeat

    found = noise_between([one.sample for one in places], exact_p=exact_p)
    names = ["", *(one.name for one in groups.read(places[:-1]))]
    return groups_document(
        lambda: groups.read(places),
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=shown,
        noise=[
            None if one is None else (name, one) for name, one in zip(names, found, strict=True)
        ],
    )
