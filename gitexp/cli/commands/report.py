"""`gitexp report`: a page to show somebody."""

from __future__ import annotations

from pathlib import Path

import click

from gitexp.cli.completion import complete_rev
from gitexp.cli.destination import write_page
from gitexp.cli.options import tell, with_reading_project
from gitexp.cli.selection import limit_option, matching_runs, where_option
from gitexp.comparison.query.spelling import constant_text
from gitexp.errors import GitexpError
from gitexp.gallery.asked import subject
from gitexp.presenting.report import Report, report_of_many
from gitexp.presenting.report import report as make_report
from gitexp.project import Project
from gitexp.store.sweep_names import names_sweep

_MANY = 200


@click.command()
@click.argument("revs", nargs=-1, metavar="[RUN|SWEEP]...", shell_complete=complete_rev)
@where_option
@limit_option("With --where, at most this many runs, the newest", _MANY)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file to write.",
)
@with_reading_project
def report(
    project: Project, *, revs: tuple[str, ...], where: str | None, limit: int, target: Path
) -> None:
    """Write a page about RUN (the latest), with pictures: one file that opens anywhere.

    Of one run, or of a sweep by its name, it says what `gitexp show` says, of two or more runs
    what `gitexp diff` says; with --where it has a table of the runs, how their metrics moved, and
    their story. Curves, DVC's plots and pictures that the runs made stand below. The page loads
    nothing and runs nothing. It takes `pip install vl-convert-python` for the pictures.

    \b
    Examples:
      gitexp report brave-otter
      gitexp report main brave-otter -o better.html
      gitexp report lr-scan -o scan.html
      gitexp report --where 'started > "2 weeks ago"'
    """
    if target.suffix.lower() not in (".html", ".htm"):
        raise GitexpError(f"a report is not written as '{target.name}'", "The name ends in .html.")
    if where is not None and revs:
        raise GitexpError("a report is of runs or of a query", "Leave out the runs, or `--where`.")
    sweeps = [one for one in revs if names_sweep(project.runs, one)]
    if sweeps:
        made = _of_sweep(project, sweeps[0], several=len(revs) > 1)
    elif where is None:
        subjects = [subject(project, one) for one in revs or ("latest",)]
        made = make_report(project, list({one.oid: one for one in subjects}.values()), tell)
    else:
        runs = [run for run in matching_runs(project, where, limit or None) if not run.problem]
        if not runs:
            raise GitexpError("no run matches", hint="`gitexp ls` lists all runs.")
        made = report_of_many(project, runs, f"Runs of {project.title} with {where}", tell)
    _write(project, target, made)


def _of_sweep(project: Project, name: str, *, several: bool) -> Report:
    if several:
        raise GitexpError(
            f"'{name}' is a sweep, and a report is of one sweep or of runs",
            f'Name it alone, or runs of it: `gitexp ls --where "sweep = {constant_text(name)}"`.',
        )
    from gitexp.presenting.sweep_report import report_of_sweep  # noqa: PLC0415 - 60 ms with the one below, for sweeps
    from gitexp.sweep.definition import find_sweep  # noqa: PLC0415

    return report_of_sweep(project, find_sweep(project, name), tell)


def _write(project: Project, target: Path, made: Report) -> None:
    write_page(project, target, made.html.encode(errors="backslashreplace"))
    if made.undrawn is not None:
        tell(made.undrawn)
