"""`gitexp show`: one run, whole."""

from __future__ import annotations

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, with_reading_project
from gitexp.presenting.run import run_document
from gitexp.project import Project
from gitexp.registry.naming import get_run


@click.command()
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=complete_run)
@format_option
@with_reading_project
def show(project: Project, *, run: str, format_name: str) -> None:
    """Show RUN (the latest) whole: how it ended, its values and their change, its log.

    The change is from the values that the baseline holds.
    """
    output.show(project, run_document(project, get_run(project, run), tell), format_name)
