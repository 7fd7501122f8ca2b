"""`gitexp import`: runs that other tools have recorded."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from gitexp.cli.importing import bring_in, import_options, stay_out
from gitexp.cli.options import format_option, tell, terminal_width, wants_colour, with_project
from gitexp.cli.progress import progress_line
from gitexp.cli.store_imports import COMMANDS
from gitexp.errors import ExitCode
from gitexp.git.commits import check_identity
from gitexp.importing.dvc import ImportPlan, carry_out, plan_import
from gitexp.project import Project
from gitexp.rendering.formats import FORMATS
from gitexp.rendering.imported import ExperimentState, ImportRow, import_document

_SHOW_EVERY = 25


@click.group("import")
def import_() -> None:
    """Bring in what other tools have recorded, as runs."""


for _command in COMMANDS:
    import_.add_command(_command)


@import_.command()
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be imported.")
@format_option
@with_project
def dvc(project: Project, *, dry_run: bool, format_name: str) -> ExitCode:
    """Record every experiment of DVC (`dvc exp run`, `dvc exp save`) as a run.

    Experiments stay as they are. Repeat it at will, in any clone: one that is already a run
    is skipped. What cannot be mapped is listed.
    """
    check_identity(project.repository)
    with progress_line() as show:

        def progress(done: int, of: int) -> None:
            if show is not None and done % _SHOW_EVERY == 0:
                show(f"read {done:,} of {of:,} experiments")

        plan = plan_import(project, progress)
    oids = {} if dry_run else carry_out(project, plan)
    rows = list(_rows(plan, None if dry_run else oids))
    if format_name != "text" or (dry_run and rows):
        document = import_document(rows)
        text = FORMATS[format_name](document, width=terminal_width(), colour=wants_colour())
        click.echo(text, nl=False, color=wants_colour())
    for row in rows:
        for problem in row.problems:
            tell(f"note: '{row.experiment}': {problem}")
    _conclude(rows, to_stdout=format_name == "text")
    return ExitCode.NO if plan.refused else ExitCode.OK


@import_.command()
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=False, dir_okay=True, path_type=Path)
)
@click.option("--params", metavar="COLUMNS", help="The params, as `lr,depth` or `opt.*`.")
@click.option("--metrics", metavar="COLUMNS", help="The metrics, likewise.")
@click.option("--name", metavar="COLUMN", help="What the runs are called.")
@click.option("--key", metavar="COLUMN", help="What tells a run for good; with '', all of its row.")
@click.option(
    "--started",
    metavar="COLUMN",
    help="When they began: ISO 8601, or seconds since 1970; '' for no column.",
)
@click.option(
    "--date-format",
    "dates",
    metavar="FORMAT",
    multiple=True,
    help="How times are written, as `%d/%m/%Y`; may be repeated.",
)
@click.option(
    "--rename",
    "renamed",
    metavar="COLUMN=NAME",
    multiple=True,
    help="Call a column's param or metric NAME, as `lr=train.lr`; may be repeated.",
)
@import_options
@with_project
def csv(
    project: Project,
    *,
    file: Path,
    params: str | None,
    metrics: str | None,
    name: str | None,
    key: str | None,
    started: str | None,
    dates: tuple[str, ...],
    renamed: tuple[str, ...],
    dry_run: bool,
    unfinished: bool,
    format_name: str,
) -> ExitCode:
    """Record the rows of a table as runs: what W&B, MLflow or gitexp export, or any other.

    The first line names the columns. Which of them are params, metrics, names and times is
    told by these names, and said; options settle it. Names that begin with `params.` or
    `metrics.` are plain.

    \b
    Examples:
      gitexp import csv wandb_export.csv -n
      gitexp import csv runs.csv --metrics "loss,val_*" --name trial --key trial
      gitexp import csv runs.csv --rename lr=train.lr --started date
      gitexp import csv runs.csv --date-format %d/%m/%Y
    """
    from gitexp.importing.csv_columns import Wanted  # noqa: PLC0415 - 5 ms, for this kind alone
    from gitexp.importing.csv_dates import check_format  # noqa: PLC0415 - as above
    from gitexp.importing.from_csv import found  # noqa: PLC0415 - as above

    names, formats = tuple(map(_renaming, renamed)), tuple(map(check_format, dates))
    wanted = Wanted(_listed(params), _listed(metrics), name, key, started, names, formats)
    place = project.repository.top / project.directory / file
    runs = functools.partial(found, place, wanted, tell)
    return bring_in(project, "csv", runs, dry_run, unfinished, format_name)


def _renaming(text: str) -> tuple[str, str]:
    column, equals, name = (one.strip() for one in text.rpartition("="))
    if not (column and equals and name):
        raise click.UsageError(f"'--rename {text}' is not COLUMN=NAME")
    return column, name


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in (text or "").split(","))))


def _rows(plan: ImportPlan, oids: Mapping[str, str] | None) -> Iterator[ImportRow]:
    """Yield what becomes of each experiment; `oids` are the commits that were made, if any were.

    What another process imported first is known by now.
    """
    for one in plan.new:
        oid = (oids or {}).get(one.record.id)
        state: ExperimentState = "new" if oids is None else "imported" if oid else "known"
        yield ImportRow(one.experiment.name, state, one.record, oid, one.problems)
    for name in plan.known:
        yield ImportRow(name, "known")
    for name in plan.purged:
        yield ImportRow(name, "purged")
    for refused in plan.refused:
        yield ImportRow(refused.name, "refused", problems=(refused.reason,))


def _conclude(rows: Sequence[ImportRow], *, to_stdout: bool) -> None:
    if not rows:
        tell("note: there are no experiments of DVC here")
        tell("hint: `dvc exp pull REMOTE` gets those of a git remote.")
        return
    number = Counter(row.state for row in rows)
    parts = [
        f"would import {_count(number['new'])} of DVC" if number["new"] else "",
        f"imported {_count(number['imported'])} of DVC" if number["imported"] else "",
        _known(number["known"]) if number["known"] else "",
        stay_out(number["purged"], _count(number["purged"])) if number["purged"] else "",
        f"{_count(number['refused'])} cannot be imported" if number["refused"] else "",
    ]
    click.echo("; ".join(filter(None, parts)), err=not to_stdout)


def _known(number: int) -> str:
    return f"{_count(number)} {'is already a run' if number == 1 else 'are already runs'}"


def _count(number: int) -> str:
    return f"{number:,} experiment{'' if number == 1 else 's'}"
