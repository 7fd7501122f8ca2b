"""`gitexp export`: all runs, in the formats of others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from gitexp.cli.address import public_address
from gitexp.cli.completion import complete_run
from gitexp.cli.options import say, tell, with_reading_project
from gitexp.cli.rows import Rows
from gitexp.cli.selection import where_option
from gitexp.cli.taken_along import note_taken_along
from gitexp.errors import GitexpError
from gitexp.exporting.frame import frame_of
from gitexp.exporting.whole import made, whole
from gitexp.model.numbers import counted
from gitexp.model.policy import Policy
from gitexp.project import Project
from gitexp.rendering.formats import pieces
from gitexp.rendering.ls import ls_document
from gitexp.store.index.selection import Selection
from gitexp.store.reading import StoredRun
from gitexp.store.selectors import get_runs

P = ParamSpec("P")
R = TypeVar("R")

_PROBLEMS = 20
"""How many are told, where a format has no place for something."""

runs_argument = click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)


def _to(metavar: str, help_text: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what adds `-o`, which names a file or a folder."""
    is_folder = metavar == "DIR"
    return click.option(
        "-o",
        "--output",
        "target",
        metavar=metavar,
        required=True,
        type=click.Path(file_okay=not is_folder, dir_okay=is_folder, path_type=Path),
        help=help_text,
    )


_to_file = _to("FILE", "The file to write.")
_to_folder = _to("DIR", "The folder to write into.")


@click.group()
def export() -> None:
    """Write all runs, or those named, in a format of others."""


@export.command()
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
    found = _chosen(project, runs, where)
    if target is None:
        sys.stdout.writelines(_csv(found))
        return
    with whole(target) as place, place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_csv(found))
    _conclude(len(found), target)
    note_taken_along(project, target)


@export.command()
@runs_argument
@where_option
@_to_file
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

    found = _chosen(project, runs, where)
    write_frame(frame_of(Rows(found)), target)
    _conclude(len(found), target)
    note_taken_along(project, target)
    if curves is not None:
        write_curves(curves_of(project, _readable(found)), curves)
        say(f"wrote their curves to '{curves}'")
        note_taken_along(project, curves)


@export.command()
@runs_argument
@where_option
@_to_file
@with_reading_project
def duckdb(project: Project, *, runs: tuple[str, ...], where: str | None, target: Path) -> None:
    """Write a DuckDB database with the tables `runs` and `curves`.

    It takes `pip install duckdb pyarrow`.
    """
    # 60 ms with duckdb, for this format alone
    from gitexp.exporting.curves import curves_of  # noqa: PLC0415 - as above
    from gitexp.exporting.duckdb_file import write_database  # noqa: PLC0415 - as above

    found = _chosen(project, runs, where)
    write_database(frame_of(Rows(found)), curves_of(project, _readable(found)), target)
    _conclude(len(found), target)
    note_taken_along(project, target)


@export.command()
@runs_argument
@where_option
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE|URI",
    required=True,
    help="A SQLite file, or the tracking URI of a store or server.",
)
@click.option("--experiment", help="The experiment in MLflow; else called like the project.")
@with_reading_project
def mlflow(
    project: Project,
    *,
    runs: tuple[str, ...],
    where: str | None,
    target: str,
    experiment: str | None,
) -> None:
    """Write runs into a store that MLflow's own page and client read.

    They get params, metrics with their steps, tags, and the data by its md5. Given again, it
    adds what is new. It takes `pip install mlflow`.

    \b
    Examples:
      gitexp export mlflow -o mlflow.db
      mlflow ui --backend-store-uri sqlite:///mlflow.db
    """
    from gitexp.exporting.mlflow_client import without_secrets  # noqa: PLC0415 - for this format alone
    from gitexp.exporting.mlflow_store import export_runs  # noqa: PLC0415 - as above

    found = _chosen(project, runs, where)
    store = target if "://" in target else f"sqlite:///{Path(target).absolute()}"
    told = export_runs(project, _readable(found), store, experiment or project.title)
    for problem in told.problems[:_PROBLEMS]:
        tell(f"note: {problem}")
    if len(told.problems) > _PROBLEMS:
        tell(f"note: {len(told.problems) - _PROBLEMS:,} more like these")
    known = f"; {counted(told.known, 'run')} there already" if told.known else ""
    say(f"wrote {counted(told.new, 'run')} to '{without_secrets(target)}'{known}")
    if "://" not in target:
        note_taken_along(project, Path(target))


@export.command()
@runs_argument
@where_option
@_to_folder
@with_reading_project
def croissant(project: Project, *, runs: tuple[str, ...], where: str | None, target: Path) -> None:
    """Write a table as CSV with a Croissant description, as data set search engines read it."""
    from gitexp.exporting.croissant import METADATA, TABLE, write_data_set  # noqa: PLC0415 - 3 ms, for this format alone

    found = _chosen(project, runs, where)
    write_data_set(
        frame_of(Rows(found)),
        _csv(found),
        made(target, (METADATA, TABLE)),
        title=project.title,
        url=public_address(project),
        date=datetime.now(timezone.utc).date().isoformat(),
    )
    _conclude(len(found), target)


@export.command("ro-crate")
@runs_argument
@where_option
@_to_folder
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

    found = _chosen(project, runs, where)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    about = About(project.title, public_address(project), license_, now)
    folder = made(target, (METADATA, FILES))
    written = write_crate((exported(project, run) for run in _readable(found)), folder, about)
    _conclude(written, target)


def _chosen(project: Project, names: Sequence[str], where: str | None) -> Sequence[StoredRun]:
    """Return the runs that are named or that match, else all; of one project, newest first."""
    store = project.runs
    if names:
        if where is not None:
            raise GitexpError("runs are named or match", hint="Leave out the runs, or `--where`.")
        return list({run.id: run for run in get_runs(store, names)}.values())
    from gitexp.store.wanted import query  # noqa: PLC0415 - 2 ms, where it is asked for

    meant = query(store, where, project=store.project) if where is not None else None
    runs = store.index.select_many(Selection(store.project, meant))
    if not runs:
        raise GitexpError(
            "no run matches" if where is not None else "there are no runs to export",
            hint="`gitexp ls` lists all runs.",
        )
    return runs


def _readable(runs: Sequence[StoredRun]) -> Iterator[StoredRun]:
    for run in runs:
        if run.problem:
            tell(f"note: left out: run {run.oid[:10]} {run.problem}")
        else:
            yield run


def _csv(runs: Sequence[StoredRun]) -> Iterator[str]:
    document = ls_document(Rows(runs), policy=Policy(), now=datetime.now(timezone.utc))
    return pieces("csv", document)


def _conclude(written: int, target: Path) -> None:
    say(f"wrote {counted(written, 'run')} to '{target}'")
