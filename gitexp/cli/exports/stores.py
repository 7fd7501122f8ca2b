"""`gitexp export mlflow`: runs in the store of another tracker."""

from __future__ import annotations

from pathlib import Path

import click

from gitexp.cli.destination import check_output
from gitexp.cli.exports.asked import chosen, readable, runs_argument
from gitexp.cli.options import say, tell, with_reading_project
from gitexp.cli.selection import where_option
from gitexp.cli.taken_along import note_taken_along
from gitexp.model.numbers import counted
from gitexp.project import Project

_PROBLEMS = 20
"""How many are told, where a format has no place for something."""


@click.command()
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

    if "://" not in target:
        check_output(project, Path(target))
    found = chosen(project, runs, where)
    store = target if "://" in target else f"sqlite:///{Path(target).absolute()}"
    told = export_runs(project, readable(found), store, experiment or project.title)
    for problem in told.problems[:_PROBLEMS]:
        tell(f"note: {problem}")
    if len(told.problems) > _PROBLEMS:
        tell(f"note: {len(told.problems) - _PROBLEMS:,} more like these")
    known = f"; {counted(told.known, 'run')} there already" if told.known else ""
    say(f"wrote {counted(told.new, 'run')} to '{without_secrets(target)}'{known}")
    if "://" not in target:
        note_taken_along(project, Path(target))
