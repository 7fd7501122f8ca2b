"""`gitexp get`: one file, folder or model of a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath

import click

from gitexp.cli.completion import complete_path, complete_run
from gitexp.cli.destination import check_output
from gitexp.cli.options import say, tell, with_project
from gitexp.errors import GitexpError
from gitexp.handover.contents import read_contents
from gitexp.handover.get import RunFiles
from gitexp.handover.get_plan import inputs_of_others, plan_get
from gitexp.pointers.source import ProjectData
from gitexp.project import Project
from gitexp.registry.naming import get_run


@click.command()
@click.argument("run", shell_complete=complete_run)
@click.argument("path", shell_complete=complete_path)
@click.option("-o", "--output", metavar="OUT", help="Where to write it; - for stdout.")
@click.option("-f", "--force", is_flag=True, help="Overwrite what is there.")
@with_project
def get(project: Project, *, run: str, path: str, output: str | None, force: bool) -> None:
    """Get PATH of RUN: a file, or the data behind a pointer, which may be a folder.

    It is written into the current directory under its own name, or to OUT; into OUT if that
    is a folder. Data comes from the DVC cache, else from the DVC remote.

    \b
    Examples:
      gitexp get brave-otter-7f model.joblib -o best.joblib
      gitexp get latest .gitexp/output.log -o -
    """
    found = get_run(project, run)
    plan = plan_get(project, read_contents(project, found), path)
    for text in inputs_of_others(project, found.record, plan):
        tell(f"note: {text}")
    with ProjectData(project, lambda text: tell(f"warning: {text}")) as source:
        files = RunFiles(project, plan, source)
        if output == "-":
            files.stream(sys.stdout.buffer)
            return
        target = _target(project, plan.path, output)
        check_output(project, target, is_replaced=True)
        files.write(target, force=force)
    here = project.repository.top / project.directory
    say(str(target) if Path(output or "").is_absolute() else os.path.relpath(target, here))


def _target(project: Project, path: str, output: str | None) -> Path:
    here = project.repository.top / project.directory
    name = PurePosixPath(path).name
    place = here / (output or ".")
    if not place.is_dir() and not (output or "").endswith("/"):
        return place
    if not name:
        raise GitexpError("the whole project has no name of its own", hint="Name a new folder.")
    return place / name
