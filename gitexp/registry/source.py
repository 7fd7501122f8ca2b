"""Finding the version that a person means, the run it came from, and its file."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.handover.contents import RunContents
from gitexp.handover.get_plan import GetPlan, plan_get
from gitexp.model.message import trailers, unquoted_path
from gitexp.model.paths import TopPath
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.project import Project
from gitexp.registry.annotations import annotated_path
from gitexp.registry.events import read_events
from gitexp.registry.grammar import Asked, TagName, parse_asked, parse_tag
from gitexp.registry.promotion import MD5_TRAILER, MODEL_TRAILER, full_name
from gitexp.registry.state import Model, Version, read_models
from gitexp.store.stored_run import StoredRun


class UnknownModel(GitexpError):
    """No model, or no version of it, goes by that name."""


class Source(Struct, frozen=True):
    """A version, and where its file comes from."""

    asked: Asked
    version: Version
    project: Project
    """That of the run, which may be another one than where the command was called."""
    run: StoredRun | None
    """None if the commit is not a run: then somebody registered it with GTO."""
    path: str
    """Of the file, as the run's project spells it."""
    md5: str
    """What the tag says of it; '' if it says nothing."""

    @property
    def name(self) -> str:
        """The version as a person would name it; the run and its file if there is none."""
        version = self.version
        return f"{version.model}@{version.name}" if version.model else version.name


def find_version(project: Project, text: str) -> tuple[Asked, Version]:
    """Return the version that a text names; raises UnknownModel with what there is."""
    asked = parse_asked(text)
    models = read_models(read_events(project.repository))
    tag = parse_tag(text)
    if tag is not None and (asked is None or tag.counter):
        return _of_tag(models, tag)
    if asked is None:
        raise UnknownModel(
            f"'{text}' does not name a model", hint="Give NAME, NAME@VERSION or NAME#STAGE."
        )
    model = find_model(project, models, asked.model)
    found = _of_model(model, asked)
    if found is None or not found.is_active:
        raise _no_version(model, asked, is_gone=found is not None)
    return asked, found


def _of_tag(models: Mapping[str, Model], tag: TagName) -> tuple[Asked, Version]:
    """Return the version that a tag is about, as CI knows it; raises UnknownModel."""
    model = models.get(tag.model)
    for version in model.versions if model is not None else ():
        if any(event.tag == str(tag) for event in version.events):
            if tag.action in ("register", "assign") and version.is_active:
                return Asked(tag.model), version
            raise _not_to_be_used(tag, version)
    raise UnknownModel(
        f"no annotated tag '{tag}'", hint="`git fetch --force --tags` gets what a remote has."
    )


def _not_to_be_used(tag: TagName, version: Version) -> UnknownModel:
    hint = f"`gitexp models history {shlex.quote(tag.model)}` lists what there is."
    if tag.action not in ("register", "assign"):
        why = f"the tag '{tag}' takes something back, so it does not name a version"
    else:
        why = f"'{tag.model}' {version.name}, which the tag '{tag}' is on, is deprecated"
    return UnknownModel(why, hint=hint)


def find_model(project: Project, models: Mapping[str, Model], name: str) -> Model:
    """Return a model by its name, which is first looked for in the project."""
    for full in dict.fromkeys((full_name(project, name), name)):
        if full in models:
            return models[full]
    short = {one.rpartition(":")[2]: one for one in models}
    close = difflib.get_close_matches(name, [*models, *short], n=1)
    meant = short.get(close[0], close[0]) if close and close[0] not in models else "".join(close)
    hint = f"Did you mean '{meant}'?" if meant else "`gitexp models` lists what there is."
    raise UnknownModel(f"no model '{name}'", hint=hint)


def _of_model(model: Model, asked: Asked) -> Version | None:
    if asked.stage:
        return model.stages.get(asked.stage)
    return model.named(asked.version) if asked.version else model.latest


def _no_version(model: Model, asked: Asked, *, is_gone: bool) -> UnknownModel:
    hint = f"`gitexp models history {shlex.quote(model.name)}` lists what there is."
    if asked.stage:
        stages = ", ".join(f"'{stage}'" for stage in model.stages)
        held = f"The stages that are held: {stages}." if stages else hint
        return UnknownModel(f"no version of '{model.name}' holds '{asked.stage}'", hint=held)
    if not asked.version:
        return UnknownModel(f"'{model.name}' has no version", hint=hint)
    if is_gone:
        return UnknownModel(f"'{model.name}' {asked.version} is deprecated", hint=hint)
    return UnknownModel(f"'{model.name}' has no version {asked.version}", hint=hint)


def find_source(project: Project, text: str) -> Source:
    """Return what a name such as `digits#prod` stands for; raises GitexpError if nothing does."""
    asked, version = find_version(project, text)
    return source_of(project, asked, version)


def source_of(project: Project, asked: Asked, version: Version) -> Source:
    """Return where the file of a version comes from."""
    said = _said(version)
    run = project.runs.of_commit(version.commit)
    folder = TopPath(run.project if run is not None else version.model.rpartition(":")[0])
    home = Project(project.repository, folder, TopPath(folder))
    path = unquoted_path(said.get(MODEL_TRAILER, "")) or _annotated(home, version) or _only(run)
    if not path:
        raise GitexpError(
            f"nothing says which file '{version.model}' {version.name} is",
            hint="Name it in `artifacts` of dvc.yaml, or get it by `gitexp get RUN PATH`.",
        )
    return Source(asked, version, home, run, path, said.get(MD5_TRAILER, ""))


def _said(version: Version) -> Mapping[str, str]:
    """Return the trailers of the newest tag that names a file."""
    found = (trailers(event.message) for event in reversed(version.events))
    return next((one for one in found if MODEL_TRAILER in one), {})


def _annotated(project: Project, version: Version) -> str | None:
    found = annotated_path(project.repository, version.commit, version.model)
    return project.name(found) if found is not None else None


def _only(run: StoredRun | None) -> str | None:
    written = [one.path for one in run.record.pointers if one.role == "output"] if run else []
    return written[0] if len(written) == 1 else None


def plan_of(source: Source) -> GetPlan:
    """Return what has to be fetched to have a model; raises GitexpError if it cannot be."""
    run = source.run or _as_run(source)
    contents = RunContents(source.project, run)
    plan = plan_get(source.project, contents, str(source.project.root / source.path))
    pointers = plan.data if plan.around is None else (plan.around,)
    if source.md5 and pointers and source.md5 not in {one.md5 for one in pointers}:
        raise GitexpError(
            f"'{source.path}' of '{source.name}' is not what its tag says: md5 {source.md5}",
            hint="Look at the tag and at the commit, and who made them; nothing was written.",
        )
    return plan


def _as_run(source: Source) -> StoredRun:
    """Return a commit that is not a run as something that holds files."""
    commit, project = source.version.commit, source.project.folder
    nobody = RunRecord(
        id="",
        name=source.name,
        status="done",
        exit=Exit(0),
        command=(),
        baseline=commit,
        inputs=Inputs(""),
        started=_NEVER,
        ended=_NEVER,
        project=project,
    )
    return StoredRun(commit, "", source.name, project, b"", known=nobody)


_NEVER = "1970-01-01T00:00:00.000Z"
