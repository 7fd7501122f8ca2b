"""`gitexp ls`: the runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from gitexp.cli import output
from gitexp.cli.arrangement import Arrangement, ListCommand, arrangement_options
from gitexp.cli.completion import complete_column, complete_remote
from gitexp.cli.listing import tell_of_elsewhere, tell_of_rounding, tell_under_way
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.rows import Rows
from gitexp.cli.selection import (
    asked_of_curves,
    limit_option,
    sort_order_option,
    where_option,
)
from gitexp.comparison.ranking import Direction
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.rendering.against import Pinned
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.table import Document
from gitexp.store.index.selection import Selection
from gitexp.store.journal import is_any_under_way

if TYPE_CHECKING:
    from gitexp.store.running import Running

_AT_A_TERMINAL = 1000
"""How many runs people get unless they say how many; a pipe gets all."""


@click.command(cls=ListCommand)
@click.argument("remote", required=False, shell_complete=complete_remote)
@where_option
@click.option(
    "--sort-by",
    metavar="COLUMN",
    shell_complete=complete_column,
    help="Sort by this; runs without a value come last.",
)
@sort_order_option
@limit_option(f"Show at most this many runs ({_AT_A_TERMINAL} at a terminal by default)")
@click.option("--all-columns", is_flag=True, help="Also show params that never vary.")
@click.option(
    "--keep",
    metavar="REGEX",
    help="Show the metrics and params that match alone; with `--drop` or `--all-columns`, in "
    "any case.",
)
@click.option("--drop", metavar="REGEX", help="Leave out the columns that match.")
@click.option("--removed", is_flag=True, help="List the runs that `gitexp rm` has hidden.")
@click.option(
    "--all-projects", is_flag=True, help="List the runs of every project in this repository."
)
@arrangement_options
@click.option("--running", "only_running", is_flag=True, help="List the runs under way alone.")
@format_option
@with_reading_project
def ls(
    project: Project,
    *,
    remote: str | None,
    where: str | None,
    sort_by: str | None,
    sort_order: Direction | None,
    limit: int | None,
    all_columns: bool,
    keep: str | None,
    drop: str | None,
    removed: bool,
    all_projects: bool,
    arrangement: Arrangement,
    only_running: bool,
    format_name: str,
) -> None:
    """List the runs, newest first; params that never vary are left out.

    With REMOTE, those that it has, of which nothing stays here: the newest 1,000, or -N.
    Runs under way stand above them; --json, --csv and --md have those with --running.
    With --group runs that differ only in their seed are one row, with --group-by those that
    share some values; a metric sorts by its mean. --pivot has two params beside each other.

    \b
    Examples:
      gitexp ls --where 'accuracy > 0.9 and started > "2 days ago"'
      gitexp ls --sort-by val.loss -N 20
      gitexp ls --group --sort-by accuracy
      gitexp ls --group-by optimizer depth
      gitexp ls --pivot lr depth accuracy --agg max
      gitexp ls --baseline brave-otter --sort-by accuracy
      gitexp ls --running --json
    """
    arrangement.check(click.get_current_context().params)
    if arrangement.group and all_projects:
        raise _apart()
    if remote is not None:
        other = "--running" if only_running else arrangement.asked
        project = _at_remote(project, remote, other, limit, (where, sort_by))
    under_way = _under_way(project, all_projects=all_projects) if remote is None else ()
    if only_running:
        _show_running(project, under_way, format_name)
        return
    is_above = bool(under_way) and format_name == "text" and where is None and not arrangement.asked
    tell_under_way(() if is_above else under_way)
    if sort_order is not None and sort_by is None:
        sort_by = "ended"
    shown = _shown(keep, drop, all_columns=all_columns)
    wanted = _wanted(
        project, where, sort_by, sort_order, Selection(None if all_projects else project.folder)
    )
    wanted = replace(wanted, removed=removed, limit=_limit(limit, format_name))
    if arrangement.makes_groups:
        from gitexp.cli.grouping import groups_document_of  # noqa: PLC0415 - 25 ms, for groups alone

        document = groups_document_of(project, wanted, arrangement, shown, told=limit is None)
        output.show(project, document, format_name)
        return
    if arrangement.baseline is not None:
        shown = replace(shown, pinned=_pinned(project, arrangement.baseline))
    document = _runs_document(project, wanted, shown, is_limited=limit is not None)
    document = _with(project, under_way, document) if is_above else document
    output.show(project, document, format_name)


def _at_remote(
    project: Project,
    remote: str,
    other: str | None,
    limit: int | None,
    asked: tuple[str | None, str | None],
) -> Project:
    """Return the project with the runs that a remote has; `other` is what does not go with it."""
    if other:
        raise GitexpError(f"`{other}` does not go with a remote", "`gitexp pull` gets the runs.")
    from gitexp.cli.elsewhere import project_at  # noqa: PLC0415 - 20 ms, where a remote is named

    return project_at(project, remote, limit, *asked)


def _runs_document(
    project: Project, wanted: Selection, shown: Shown, *, is_limited: bool
) -> Document:
    runs = project.runs.index.select_many(wanted)
    tell_of_elsewhere(project, wanted, any_found=bool(runs))
    if not runs:
        tell_of_rounding(project, wanted)
    rows = Rows(runs)
    document = ls_document(
        rows,
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=_with_index(project, wanted, shown),
    )
    data = rows.data if shown.pinned is None else document.data
    notes = () if is_limited else _more(project, wanted, len(runs))
    return replace(document, data=data, notes=(*document.notes, *notes))


def _pinned(project: Project, name: str) -> Pinned:
    from gitexp.store.selectors import get_run  # noqa: PLC0415 - 2 ms, where a run is pinned

    run = get_run(project.runs, name)
    return Pinned(run.oid, run.record, project.config.policy)


def _with(project: Project, runs: Sequence[Running], document: Document) -> Document:
    """Put the runs under way above the others."""
    from gitexp.rendering.running import above  # noqa: PLC0415 - 1 ms, where a run is under way

    return above(document, runs, project.config.policy)


def _apart() -> GitexpError:
    return GitexpError(
        "each project says for itself what repeats are", hint="Leave out `--all-projects`."
    )


def _show_running(project: Project, runs: Sequence[Running], format_name: str) -> None:
    from gitexp.rendering.running import running_document  # noqa: PLC0415 - 1 ms, where it is asked for

    output.show(project, running_document(runs, project.config.policy), format_name)


def _wanted(
    project: Project,
    where: str | None,
    sort_by: str | None,
    sort_order: Direction | None,
    selection: Selection,
) -> Selection:
    if where is None and sort_by is None:
        return selection
    from gitexp.store.wanted import order, query  # noqa: PLC0415 - 2 ms, where they are asked for

    store, folder = project.runs, selection.project
    return replace(
        selection,
        where=query(store, where, project=folder) if where is not None else None,
        sort=order(store, sort_by, sort_order, project=folder) if sort_by is not None else None,
    )


def _limit(asked: int | None, format_name: str) -> int | None:
    if asked is None:
        return _AT_A_TERMINAL if format_name == "text" and sys.stdout.isatty() else None
    return asked or None


def _with_index(project: Project, wanted: Selection, shown: Shown) -> Shown:
    """Add what only the index knows: which columns vary among runs that are not shown."""
    if wanted.sort is not None and wanted.sort.column.kind != "attribute":
        asked = asked_of_curves(project, wanted.sort.column)
        shown = replace(shown, first=wanted.sort.column.name, asked=asked)
    if wanted.limit is None or wanted.where is not None or wanted.removed:
        return shown
    vary = project.runs.index.varying(wanted.project)
    return replace(shown, varying=frozenset((one.kind, one.name) for one in vary))


def _under_way(project: Project, *, all_projects: bool) -> Sequence[Running]:
    if not is_any_under_way(project.repository):
        return ()
    from gitexp.store.running import runs_under_way  # noqa: PLC0415 - 3 ms, where a run is under way

    return runs_under_way(project.repository, None if all_projects else project.folder)


def _more(project: Project, wanted: Selection, shown: int) -> tuple[str, ...]:
    """Say how many runs there are besides those that people get unasked."""
    more = project.runs.index.count(wanted) - shown if shown == wanted.limit else 0
    return (f"{more:,} more; `gitexp ls -N 0` lists all.",) if more else ()


def _shown(keep: str | None, drop: str | None, *, all_columns: bool) -> Shown:
    """Return what is to be seen; what is kept stands alone unless other options say what goes."""
    is_alone = keep is not None and drop is None and not all_columns
    return Shown(all_columns, _pattern(keep), _pattern(drop), is_alone)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text is not None else None
    except re.error as error:
        raise GitexpError(f"'{text}' is not a regular expression: {error}") from error
