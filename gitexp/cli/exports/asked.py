"""What every format of `gitexp export` is asked for: which runs, and where to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.destination import check_output
from gitexp.cli.options import say, tell
from gitexp.cli.rows import Rows
from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.model.policy import Policy
from gitexp.project import Project
from gitexp.rendering.formats import pieces
from gitexp.rendering.ls import ls_document
from gitexp.store.index.selection import Selection
from gitexp.store.selectors import get_runs
from gitexp.store.stored_run import StoredRun

_ENDINGS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".duckdb": "duckdb"}
"""The formats that the ending of a name stands for."""

P = ParamSpec("P")
R = TypeVar("R")

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


to_file = _to("FILE", "The file to write.")
to_folder = _to("DIR", "The folder to write into.")


def chosen(project: Project, names: Sequence[str], where: str | None) -> Sequence[StoredRun]:
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


def check_target(project: Project, target: Path, kind: str) -> None:
    """Refuse a file whose name says that it is of another format, or that lies behind a link.

    One that is a link itself is replaced.
    """
    check_output(project, target, is_replaced=True)
    meant = _ENDINGS.get(target.suffix.lower(), kind)
    if meant != kind:
        raise GitexpError(
            f"'{target.name}' is no name for {kind}",
            hint=f"Give it another ending, or write that: `gitexp export {meant} -o {target}`.",
        )


def readable(runs: Sequence[StoredRun]) -> Iterator[StoredRun]:
    for run in runs:
        if run.problem:
            tell(f"note: left out: run {run.oid[:10]} {run.problem}")
        else:
            yield run


def as_csv(runs: Sequence[StoredRun]) -> Iterator[str]:
    document = ls_document(Rows(runs), policy=Policy(), now=datetime.now(timezone.utc))
    return pieces("csv", document)


def conclude(written: int, target: Path) -> None:
    say(f"wrote {counted(written, 'run')} to '{target}'")
