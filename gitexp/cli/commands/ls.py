"""`gitexp ls`: the runs."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import click

from gitexp.cli import output
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.rendering.ls import RunRow, Shown, UnreadableRun, ls_document
from gitexp.store.journal import Journal, is_any_under_way
from gitexp.store.reading import StoredRun


@click.command()
@click.option("-N", "--limit", type=click.IntRange(min=1), help="Show so many runs at most.")
@click.option("--all-columns", is_flag=True, help="Show the params that never vary, too.")
@click.option("--keep", metavar="REGEX", help="Show the columns that match, whatever else is said.")
@click.option("--drop", metavar="REGEX", help="Leave out the columns that match.")
@format_option
@with_project
def ls(
    project: Project,
    *,
    limit: int | None,
    all_columns: bool,
    keep: str | None,
    drop: str | None,
    format_name: str,
) -> None:
    """List the runs, newest first; params that never vary are left out."""
    _tell_under_way(project)
    runs = project.runs.newest(limit)
    if project.runs.tip is None:
        _tell_of_remotes(project)
    if not runs:
        _tell_of_others(project)
    document = ls_document(
        [_row(run) for run in runs],
        policy=project.config.policy,
        now=datetime.now(timezone.utc),
        shown=Shown(all_columns, _pattern(keep), _pattern(drop)),
    )
    output.show(project, document, format_name)


def _tell_under_way(project: Project) -> None:
    if not is_any_under_way(project.repository):
        return
    for entry in Journal(project.repository).entries():
        if entry.folder == project.folder and not entry.is_over:
            tell(f"note: run '{entry.name}' is running on {entry.owner.host}")


def _tell_of_others(project: Project) -> None:
    """Say where in the repository there are runs, if not in this project."""
    others = sorted({folder or "." for folder in project.runs.index.projects()})
    if others:
        tell(f"note: runs of other projects in this repository: {', '.join(others)}")


def _tell_of_remotes(project: Project) -> None:
    """Say that a clone has runs which git has fetched, and which are on no branch of its own."""
    branch = project.config.remote_branch or project.config.branch
    for found in list_refs(project.repository, f"refs/remotes/*/{branch}"):
        place = found.name.removeprefix("refs/remotes/")
        remote = place.removesuffix(f"/{branch}")
        named = "" if remote == "origin" else f" {remote}"
        tell(f"hint: '{place}' has runs; `gitexp pull{named}` gets them.")


def _row(run: StoredRun) -> RunRow:
    try:
        return run.oid, run.record
    except UnreadableRecord as unreadable:
        return UnreadableRun(run.oid, str(unreadable))


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text is not None else None
    except re.error as error:
        raise GitexpError(f"'{text}' is not a regular expression: {error}") from error
