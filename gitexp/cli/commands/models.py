"""`gitexp models`: versions of models, their stages, and getting one."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_model
from gitexp.cli.destination import check_output
from gitexp.cli.options import format_option, say, tell, with_project, with_reading_project
from gitexp.cli.unpulled import note_unpulled
from gitexp.presenting.models import listed_versions, order_of_metrics, told_events
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.source import find_model, find_source, plan_of
from gitexp.registry.state import read_models
from gitexp.rendering.models import history_document, models_document


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Every version, deprecated ones too.")
@format_option
@click.pass_context
def models(ctx: click.Context, *, everything: bool, format_name: str) -> None:
    """List the models of all projects: the latest version, and those that hold a stage.

    \b
    Examples:
      gitexp models
      gitexp models get digits#prod -o model.joblib
    """
    if ctx.invoked_subcommand is None:
        _list(everything=everything, format_name=format_name)


@with_reading_project
def _list(project: Project, *, everything: bool, format_name: str) -> None:
    listed = listed_versions(project, everything=everything)
    ids = ((one.run_id, one.run) for one in listed)
    note_unpulled(project, {run_id: name for run_id, name in ids if run_id and name})
    document = models_document(listed, order_of_metrics(project), datetime.now(timezone.utc))
    output.show(project, document, format_name)


@models.command()
@click.argument("name", shell_complete=complete_model)
@format_option
@with_reading_project
def history(project: Project, *, name: str, format_name: str) -> None:
    """List what was said of the model NAME, the last first."""
    model = find_model(project, read_models(read_events(project.repository)), name)
    document = history_document(told_events(project, model), datetime.now(timezone.utc))
    output.show(project, document, format_name)


@models.command()
@click.argument("name", metavar="NAME[@VERSION|#STAGE]", shell_complete=complete_model)
@click.option("-o", "--output", "target", metavar="OUT", help="Where to write it; - for stdout.")
@click.option("-f", "--force", is_flag=True, help="Overwrite what is there.")
@with_project
def get(project: Project, *, name: str, target: str | None, force: bool) -> None:
    """Get a model: its latest version, the one named, or the one that holds a stage.

    It is written into the current directory under its own name, or to OUT; into OUT if that is
    a folder. Data comes from the DVC cache, else from the DVC remote.
    """
    from gitexp.handover.get import RunFiles  # noqa: PLC0415 - 20 ms with the one below, which a list does not need
    from gitexp.pointers.source import ProjectData  # noqa: PLC0415

    source = find_source(project, name)
    plan = plan_of(source)
    with ProjectData(source.project, lambda text: tell(f"warning: {text}")) as data:
        files = RunFiles(source.project, plan, data)
        if target == "-":
            files.stream(sys.stdout.buffer)
            return
        place = _place(project, plan.path, target)
        check_output(project, place, is_replaced=True)
        files.write(place, force=force)
    tell(f"{source.name}{f' of run {source.run.name}' if source.run is not None else ''}")
    here = project.repository.top / project.directory
    say(str(place) if Path(target or "").is_absolute() else os.path.relpath(place, here))


def _place(project: Project, path: str, target: str | None) -> Path:
    place = project.repository.top / project.directory / (target or ".")
    is_folder = place.is_dir() or (target or "").endswith("/")
    return place / PurePosixPath(path).name if is_folder else place
