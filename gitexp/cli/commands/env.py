"""`gitexp env`: the environment of a run, printed or made again."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.destination import check_output
from gitexp.cli.options import say, tell, with_project
from gitexp.errors import GitexpError
from gitexp.execution.rebuild.recorded import recorded_environment, requirements_text
from gitexp.project import Project
from gitexp.registry.naming import get_run


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.option("--create", "folder", metavar="DIR", help="Make the environment in a new folder.")
@click.option("--python", metavar="PATH", help="Make it of this Python.")
@click.option("--no-lock", is_flag=True, help="Pass over lock files in the run's tree.")
@with_project
def env(
    project: Project, *, run: str, folder: str | None, python: str | None, no_lock: bool
) -> None:
    """Print what RUN had installed, as a requirements file, or make it again.

    What cannot be installed again stands in comments. With --create, the lock file in the
    run's tree is used first (uv.lock, poetry.lock, Pipfile.lock, pixi.lock, conda-lock.yml,
    environment.yml), then the packages that the run recorded: by uv if it is installed, else
    by venv and pip, with the Python version of the run.

    \b
    Examples:
      gitexp env brave-otter-7f > requirements.txt
      gitexp env best --create /tmp/env && /tmp/env/bin/python train.py
    """
    found = get_run(project, run)
    if folder is None:
        if python or no_lock:
            raise GitexpError("nothing is made", hint="`--create DIR` says where.")
        click.echo(requirements_text(project, recorded_environment(project, found)), nl=False)
        return
    from gitexp.execution.rebuild.create import create  # noqa: PLC0415 - 5 ms, for `--create` alone

    here = project.repository.top / project.directory
    chosen = here / python if python and os.sep in python else python and Path(python)
    check_output(project, here / folder)
    made = create(project, found, here / folder, tell, python=chosen or None, locks=not no_lock)
    say(str(made) if Path(folder).is_absolute() else os.path.relpath(made, here))
