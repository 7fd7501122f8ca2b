"""`gitexp blame`: which commit last moved each metric."""

from __future__ import annotations

from datetime import datetime, timezone

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_metric, complete_rev
from gitexp.cli.options import format_option, with_reading_project
from gitexp.cli.selection import name_hidden_refs
from gitexp.project import Project
from gitexp.rendering.blame import blame_document
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import WORKSPACE, find_revision
from gitexp.store.selectors import UnknownRun
from gitexp.tracing.chosen import NoSuchMetric
from gitexp.tracing.report import Report, blame_report


@click.command()
@click.argument("metric", required=False, metavar="[METRIC]", shell_complete=complete_metric)
@click.argument("rev", required=False, metavar="[REV]", shell_complete=complete_rev)
@click.option("-C", "follow", is_flag=True, help="Follow values whose file or key was renamed.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    metavar="NUMBER",
    help="How far a metric may move unnoticed; by default what gitexp.yaml says of each.",
)
@format_option
@with_reading_project
def blame(
    project: Project,
    *,
    metric: str | None,
    rev: str | None,
    follow: bool,
    tolerance: float | None,
    format_name: str,
) -> None:
    """Show which commit last moved each metric of REV beyond its tolerance, and how far.

    METRIC is a name, its start (`val` for `val.loss` and `val.f1`) or its end; without one, all
    metrics are shown. REV is the work tree by default. The run that measured the value and the
    pull request that brought the commit are named where they are known.

    \b
    Examples:
      gitexp blame accuracy
      gitexp blame val v1.2 -C
    """
    found = _report(project, metric, rev, follow=follow, tolerance=tolerance)
    output.show(project, blame_document(found, now=datetime.now(timezone.utc)), format_name)


def _report(
    project: Project,
    metric: str | None,
    rev: str | None,
    *,
    follow: bool,
    tolerance: float | None,
) -> Report:
    """Blame what is meant: one word that is no metric may be a rev."""
    name_hidden_refs(project, (rev,) if rev is not None else ())
    reading = Reading(project, find_revision(project, rev or WORKSPACE))
    try:
        return blame_report(project, reading, metric, follow=follow, tolerance=tolerance)
    except NoSuchMetric:
        if metric is None or rev is not None:
            raise
        try:
            reading = Reading(project, find_revision(project, metric))
        except UnknownRun:
            pass
        else:
            return blame_report(project, reading, None, follow=follow, tolerance=tolerance)
        raise
