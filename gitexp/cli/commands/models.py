"""`gitexp models`: versions of models, their stages, and getting one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_model
from gitexp.cli.options import format_option, tell, with_project, with_reading_project
from gitexp.cli.unpulled import note_unpulled
from gitexp.errors import GitexpError
from gitexp.model.policy import Policy
from gitexp.project import Project
from gitexp.registry.demands import metrics_of
from gitexp.registry.events import TagEvent, read_events
from gitexp.registry.grammar import Asked
from gitexp.registry.source import find_model, find_source, plan_of, source_of
from gitexp.registry.state import Model, Version, read_models
from gitexp.rendering.models import (
    ListedVersion,
    ToldEvent,
    history_document,
    models_document,
    moment_text,
)

_EVENTS = {
    "register": "registered",
    "deregister": "deprecated",
    "assign": "assigned",
    "unassign": "unassigned",
    "deprecate": "model deprecated",
}


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
    known = read_models(read_events(project.repository)).values()
    listed = [one for model in known for one in _listed(project, model, everything=everything)]
    ids = ((one.run_id, one.run) for one in listed)
    note_unpulled(project, {run_id: name for run_id, name in ids if run_id and name})
    document = models_document(listed, _policy(project), datetime.now(timezone.utc))
    output.show(project, document, format_name)


def _policy(project: Project) -> Policy:
    """Return what puts metrics in their order: those that a promotion asks for come first."""
    wanted = project.config.promote.of("").metrics.rules
    return Policy((*wanted, *project.config.policy.rules))


def _listed(project: Project, model: Model, *, everything: bool) -> Iterator[ListedVersion]:
    if not everything and not model.is_active:
        return
    held: dict[Version, list[str]] = {}
    for stage, version in sorted(model.stages.items()):
        held.setdefault(version, []).append(stage)
    shown = [one for one in model.registered if one in held or one is model.latest]
    loose = [one for one in held if not one.is_registered]
    rest = [one for one in model.versions if one not in (*shown, *loose)] if everything else []
    for version in (*shown, *loose, *sorted(rest, key=lambda one: one.registration.time)[::-1]):
        yield _version(project, model, version, tuple(held.get(version, ())))


def _version(
    project: Project, model: Model, version: Version, stages: tuple[str, ...]
) -> ListedVersion:
    said = version.registration
    run = project.runs.of_commit(version.commit)
    readable = run is not None and run.problem is None
    try:
        source = source_of(project, Asked(model.name), version)
    except GitexpError:  # nothing says which file it is, or a newer gitexp does
        source = None
    return ListedVersion(
        model=model.name,
        version=version.name if version.is_registered else "",
        stages=stages,
        latest=version is model.latest,
        run=run.name if run is not None else None,
        run_id=run.id if run is not None else None,
        commit=version.commit,
        path=source.path if source is not None else None,
        md5=source.md5 or None if source is not None else None,
        time=moment_text(said.time),
        by=said.by,
        message=said.message,
        deprecated=not version.is_active or not model.is_active,
        metrics=metrics_of(run) if run is not None and readable else {},
    )


@models.command()
@click.argument("name", shell_complete=complete_model)
@format_option
@with_reading_project
def history(project: Project, *, name: str, format_name: str) -> None:
    """List what was said of the model NAME, the last first."""
    model = find_model(project, read_models(read_events(project.repository)), name)
    told = [_told(project, model, event) for event in reversed(model.events)]
    output.show(project, history_document(told, datetime.now(timezone.utc)), format_name)


def _told(project: Project, model: Model, event: TagEvent) -> ToldEvent:
    run = project.runs.of_commit(event.commit)
    named = event.what.version or _version_of(model.versions, event)
    return ToldEvent(
        time=moment_text(event.time),
        event=_EVENTS[event.what.action],
        model=model.name,
        version=named,
        stage=event.what.stage or None,
        run=run.name if run is not None else None,
        commit=event.commit,
        tag=event.tag,
        by=event.by,
        message=event.message,
    )


def _version_of(versions: Iterable[Version], event: TagEvent) -> str | None:
    found = (one for one in versions if event in one.events and one.is_registered)
    return next((one.name for one in found), None)


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
        files.write(place, force=force)
    tell(f"{source.name}{f' of run {source.run.name}' if source.run is not None else ''}")
    here = project.repository.top / project.directory
    click.echo(str(place) if Path(target or "").is_absolute() else os.path.relpath(place, here))


def _place(project: Project, path: str, target: str | None) -> Path:
    place = project.repository.top / project.directory / (target or ".")
    is_folder = place.is_dir() or (target or "").endswith("/")
    return place / PurePosixPath(path).name if is_folder else place
