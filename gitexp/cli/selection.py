"""`--where` and its companions: the runs that a person wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.rendering.ls import RunRow, UnreadableRun
from gitexp.store.reading import StoredRun
from gitexp.store.selection import Selection
from gitexp.store.wanted import query

P = ParamSpec("P")
R = TypeVar("R")


def where_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--where`; the command gets `where`."""
    return click.option(
        "--where", metavar="EXPR", help='Only the runs that match, as in "accuracy > 0.9".'
    )(command)


def sort_order_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--sort-order`; the command gets `sort_order`."""
    return click.option(
        "--sort-order",
        type=click.Choice(["asc", "desc"]),
        help="Which come first; by default the best, as the goals of gitexp.yaml say.",
    )(command)


def matching_runs(project: Project, where: str | None, limit: int | None = None) -> list[StoredRun]:
    """Return the runs that match, the one that ended last first."""
    store = project.runs
    meant = query(store, where, project=store.project) if where is not None else None
    return store.index.select(Selection(store.project, meant, limit=limit))


def row_of(run: StoredRun) -> RunRow:
    """Return a run as a row of a list; one that cannot be read says why."""
    try:
        return run.oid, run.record
    except UnreadableRecord as unreadable:
        return UnreadableRun(run.oid, str(unreadable))
