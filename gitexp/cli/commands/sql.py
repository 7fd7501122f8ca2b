"""`gitexp sql`: a question in SQL."""

from __future__ import annotations

import sys

import click
from msgspec.structs import asdict

from gitexp.cli import output
from gitexp.cli.listing import tell_of_remotes
from gitexp.cli.options import format_option, with_reading_project
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.rendering.answer import Offered, answer_document, offer_document
from gitexp.store.index.sql import ask
from gitexp.store.index.views import make_views


@click.command()
@click.argument("statement", required=False)
@click.option(
    "--all-projects", is_flag=True, help="Ask the runs of every project in this repository."
)
@format_option
@with_reading_project
def sql(project: Project, *, statement: str | None, all_projects: bool, format_name: str) -> None:
    """Ask the runs in SQL: one SELECT in SQLite's own dialect, which changes nothing.

    Table `runs` has a row for each run, with its metrics and params as columns; a name with
    a dot in it stands in double quotes. Without STATEMENT, all tables and columns are listed;
    `-` reads it from standard input.

    \b
    Examples:
      gitexp sql
      gitexp sql "select name, accuracy from runs where lr < 0.1 order by 2"
      gitexp sql 'select lr, avg("val.loss"), count(*) from runs group by lr'
    """
    folder = None if all_projects else project.folder
    index = project.runs.index
    if statement is None:
        there = index.answer(lambda connection: make_views(connection, folder))
        document = offer_document([Offered(**asdict(view)) for view in there])
    else:
        text = sys.stdin.read() if statement == "-" else statement
        if "\0" in text:
            raise GitexpError("a statement cannot hold NUL")
        answer = index.answer(lambda connection: ask(connection, folder, text))
        document = answer_document(answer.columns, answer.rows)
    output.show(project, document, format_name)
    if project.runs.tip is None:
        tell_of_remotes(project)
