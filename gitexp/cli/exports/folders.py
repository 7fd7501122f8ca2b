"""`gitexp export croissant` and `ro-crate`: folders that describe themselves."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import click

from gitexp.cli.address import public_address
from gitexp.cli.destination import check_output
from gitexp.cli.exports.asked import as_csv, chosen, conclude, readable, runs_argument, to_folder
from gitexp.cli.options import with_reading_project
from gitexp.cli.rows import Rows
from gitexp.cli.selection import where_option
from gitexp.exporting.frame import frame_of
from gitexp.exporting.whole import made
from gitexp.project import Project


@click.command()
@runs_argument
@where_option
@to_folder
@with_reading_project
def croissant(project: Project, *, runs: tuple[str, ...], where: str | None, target: Path) -> None:
    """Write a table as CSV with a Croissant description, as data set search engines read it."""
    from gitexp.exporting.croissant import METADATA, TABLE, write_data_set  # noqa: PLC0415 - 3 ms, for this format alone

    check_output(project, target)
    found = chosen(project, runs, where)
    write_data_set(
        frame_of(Rows(found)),
        as_csv(found),
        made(target, (METADATA, TABLE)),
        title=project.title,
        url=public_address(project),
        date=datetime.now(timezone.utc).date().isoformat(),
    )
    conclude(len(found), target)


@click.command("ro-crate")
@runs_argument
@where_option
@to_folder
@click.option(
    "--license",
    "license_",
    metavar="URL",
    default="https://spdx.org/licenses/CC-BY-4.0",
    show_default=True,
    help="Of the crate.",
)
@with_reading_project
def ro_crate(
    project: Project, *, runs: tuple[str, ...], where: str | None, target: Path, license_: str
) -> None:
    """Write an RO-Crate for a paper or an archive: what was run, with what, what came of it.

    It has params, metrics, packages and who ran it, with the files in git that say so; data and
    models stand in it by their md5.
    """
    from gitexp.exporting.crate import FILES, METADATA, About  # noqa: PLC0415 - 3 ms, for this format alone
    from gitexp.exporting.crate_files import exported, write_crate  # noqa: PLC0415 - as above

    check_output(project, target)
    found = chosen(project, runs, where)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    about = About(project.title, public_address(project), license_, now)
    folder = made(target, (METADATA, FILES))
    written = write_crate((exported(project, run) for run in readable(found)), folder, about)
    conclude(written, target)
