"""`gitexp export csv`, `parquet` and `duckdb`: runs as a table."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gitexp.cli.exports.asked import (
    as_csv,
    check_target,
    chosen,
    conclude,
    readable,
    runs_argument,
    to_file,
)
from gitexp.cli.options import say, with_reading_project
from gitexp.cli.rows import Rows
from gitexp.cli.selection import where_option
from gitexp.cli.taken_along import note_taken_along
from gitexp.exporting.frame import frame_of
from gitexp.exporting.whole import whole
from gitexp.project import Project


@click.command()
@runs_argument
@where_option
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; else stdout.",
)
@with_reading_project
def csv(project: Project, *, runs: tuple[str, ...], where: str | None, target: Path | None) -> None:
    """Write a table as CSV, as `gitexp ls --csv` prints it."""
    if target is not None:
        check_target(project, target, "csv")
    found = chosen(project, runs, where)
    if target is None:
        sys.stdout.writelines(as_csv(found))
        return
    with whole(target) as place, place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(as_csv(found))
    conclude(len(found), target)
    note_taken_along(project, target)


@click.command()
@runs_argument
@where_option
@to_file
@click.option(
    "--curves",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the curves as well: a row for each value.",
)
@with_reading_project
def parquet(
    project: Project,
    *,
    runs: tuple[str, ...],
    where: str | None,
    target: Path,
    curves: Path | None,
) -> None:
    """Write a table with the columns of `gitexp ls --csv`, each of one type.

    It takes `pip install pyarrow`.

    \b
    Examples:
      gitexp export parquet -o runs.parquet
      gitexp export parquet --where "lr < 0.1" -o runs.parquet --curves curves.parquet
    """
    # 30 ms with pyarrow, for this format alone
    from gitexp.exporting.curves import curves_of  # noqa: PLC0415 - as above
    from gitexp.exporting.parquet import write_curves, write_frame  # noqa: PLC0415 - as above

    for one in (target, curves):
        if one is not None:
            check_target(project, one, "parquet")
    found = chosen(project, runs, where)
    write_frame(frame_of(Rows(found)), target)
    conclude(len(found), target)
    note_taken_along(project, target)
    if curves is not None:
        write_curves(curves_of(project, readable(found)), curves)
        say(f"wrote their curves to '{curves}'")
        note_taken_along(project, curves)


@click.command()
@runs_argument
@where_option
@to_file
@with_reading_project
def duckdb(project: Project, *, runs: tuple[str, ...], where: str | None, target: Path) -> None:
    """Write a DuckDB database with the tables `runs` and `curves`.

    It takes `pip install duckdb pyarrow`.
    """
    # 60 ms with duckdb, for this format alone
    from gitexp.exporting.curves import curves_of  # noqa: PLC0415 - as above
    from gitexp.exporting.duckdb_file import write_database  # noqa: PLC0415 - as above

    check_target(project, target, "duckdb")
    found = chosen(project, runs, where)
    write_database(frame_of(Rows(found)), curves_of(project, readable(found)), target)
    conclude(len(found), target)
    note_taken_along(project, target)
