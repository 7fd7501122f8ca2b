"""The versions of models, and what was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitexp.errors import GitexpError
from gitexp.model.policy import Policy
from gitexp.project import Project
from gitexp.registry.demands import metrics_of
from gitexp.registry.events import TagEvent, read_events
from gitexp.registry.grammar import Asked
from gitexp.registry.source import source_of
from gitexp.registry.state import Model, Version, read_models
from gitexp.rendering.models import ListedVersion, ToldEvent, moment_text

_EVENTS = {
    "register": "registered",
    "deregister": "deprecated",
    "assign": "assigned",
    "unassign": "unassigned",
    "deprecate": "model deprecated",
}


def listed_versions(project: Project, *, everything: bool) -> list[ListedVersion]:
    """Return the latest version of each model and those with a stage, or every version."""
    known = read_models(read_events(project.repository)).values()
    return [one for model in known for one in _listed(project, model, everything=everything)]


def order_of_metrics(project: Project) -> Policy:
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


def told_events(project: Project, model: Model) -> list[ToldEvent]:
    """Return what was said of a model, the last first."""
    return [_told(project, model, event) for event in reversed(model.events)]


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
