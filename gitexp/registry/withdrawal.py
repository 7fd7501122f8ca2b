"""Taking back what was said of a model: a stage, a version, or the whole model."""

from __future__ import annotations

import shlex

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.grammar import TagName, with_v
from gitexp.registry.promotion import message_of
from gitexp.registry.source import find_model
from gitexp.registry.state import Model, Version, read_models
from gitexp.registry.written import NewTag, next_counter, write_tags


class Demoted(Struct, frozen=True):
    """A stage that was taken away."""

    tag: NewTag
    version: str
    now: Version | None
    """Who holds it now: as in GTO, who held it before, unless it was taken from that, too."""


def demote(project: Project, name: str, stage: str, message: str) -> Demoted:
    """Take a stage from the version that holds it."""
    model = _model(project, name)
    held = model.stages.get(stage)
    if held is None:
        stages = ", ".join(f"'{one}'" for one in model.stages)
        raise GitexpError(
            f"no version of '{model.name}' holds '{stage}'",
            hint=f"The stages that are held: {stages}."
            if stages
            else f"`gitexp models history {shlex.quote(model.name)}` lists what there is.",
        )
    number = next_counter(project.repository, model.name)
    tag = NewTag(
        TagName("unassign", model.name, stage=stage, counter=number),
        held.commit,
        message_of(f"Unassign {stage} from {model.name} {held.name}", message, {}),
    )
    write_tags(project.repository, [tag], model.events)
    return Demoted(tag, held.name, _model(project, name).stages.get(stage))


def deprecate(project: Project, name: str, version: str | None, message: str) -> NewTag:
    """Say that a version, or a model with all its versions, is no longer to be used."""
    model = _model(project, name)
    tag = (
        _of_version(model, with_v(version), message) if version else _whole(project, model, message)
    )
    write_tags(project.repository, [tag], model.events)
    return tag


def _of_version(model: Model, version: str, message: str) -> NewTag:
    found = model.named(version)
    if found is None or not found.is_active:
        said = "is deprecated already" if found is not None else "does not exist"
        raise GitexpError(
            f"'{model.name}' {version} {said}",
            hint=f"`gitexp models history {shlex.quote(model.name)}` lists what there is.",
        )
    subject = f"Deregister {model.name} {version}"
    name = TagName("deregister", model.name, version=version)
    return NewTag(name, found.commit, message_of(subject, message, {}))


def _whole(project: Project, model: Model, message: str) -> NewTag:
    if not model.is_active:
        raise GitexpError(f"'{model.name}' is deprecated already")
    name = TagName("deprecate", model.name)
    if list_refs(project.repository, f"refs/tags/{name}"):  # it came back since
        number = next_counter(project.repository, model.name)
        name = TagName("deprecate", model.name, counter=number)
    commit = model.events[-1].commit
    return NewTag(name, commit, message_of(f"Deprecate {model.name}", message, {}))


def _model(project: Project, name: str) -> Model:
    return find_model(project, read_models(read_events(project.repository)), name)
