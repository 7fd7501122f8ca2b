"""A promotion: first planned, with everything that can be wrong with it, then written as tags."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.remotes import choose_remote
from gitexp.model.message import (
    OVERRIDE_TRAILER,
    PROJECT_TRAILER,
    RUN_TRAILER,
    quoted_path,
    without_trailers,
)
from gitexp.project import Project
from gitexp.registry.demands import refusals
from gitexp.registry.events import TagEvent, read_events
from gitexp.registry.file import ModelFile, check_data, choose_file, lost_inputs
from gitexp.registry.grammar import NONE_YET, Bump, TagName, bumped, precedence, with_v
from gitexp.registry.gto import check_name, check_stage
from gitexp.registry.state import Model, Version, read_models
from gitexp.registry.written import NewTag, next_counter, write_tags
from gitexp.store.stored_run import StoredRun

MODEL_TRAILER = "Gitexp-Model"
MD5_TRAILER = "Gitexp-Md5"
REFUSED_TRAILER = "Gitexp-Refused"


class Wish(Struct, frozen=True):
    """What was asked for."""

    name: str
    version: str | None = None
    bump: Bump | None = None
    stage: str = ""
    path: str | None = None
    message: str = ""
    override: str = ""


class Promoted(Struct, frozen=True):
    """What a promotion comes to, or would."""

    model: str
    version: str
    file: ModelFile
    tags: tuple[NewTag, ...]
    refusals: tuple[str, ...] = ()
    """Why the policy says no; written into the tags if somebody overrides it."""
    before: str = ""
    """The version that held the stage, or was the latest."""
    is_new: bool = True
    """Whether the version is new, and not only its stage."""


def full_name(project: Project, name: str) -> str:
    """Return the name of a model as tags have it: with the project's folder before it."""
    return name if ":" in name or not project.folder else f"{project.folder}:{name}"


def plan_promotion(project: Project, run: StoredRun, wish: Wish) -> Promoted:
    """Find out what is to be written; raises GitexpError for what no override allows."""
    model = full_name(project, wish.name)
    check_name(model)
    if wish.stage:
        check_stage(project.repository.top, wish.stage)
    _check_status(run)
    events = read_events(project.repository)
    known = read_models(events).get(model)
    version, is_new = _version(project, run, known, wish, model)
    file = choose_file(project, run, model, wish.path)
    check_data(project, run, file)
    holder = _holder(known, wish.stage)
    if holder is not None and wish.stage and holder.commit == run.oid:
        raise GitexpError(f"'{model}' {holder.name} already holds the stage '{wish.stage}'")
    found = _refusals(project, run, wish.stage, holder)
    tags = _tags(project, run, wish, TagName("register", model, version), file, is_new, found)
    return Promoted(model, version, file, tags, found, holder.name if holder else "", is_new)


def carry_out(project: Project, plan: Promoted) -> None:
    """Write the tags of a plan."""
    write_tags(project.repository, plan.tags, _of(project, plan.model))


def _of(project: Project, model: str) -> list[TagEvent]:
    return [event for event in read_events(project.repository) if event.what.model == model]


def _check_status(run: StoredRun) -> None:
    record = run.record
    if record.status != "done":
        how = "failed" if record.status == "failed" else "was interrupted"
        raise GitexpError(
            f"run '{run.name}' {how}, so its model may not be a whole one",
            hint="`gitexp ls --where 'status = done'` lists those that ended well.",
        )


def _version(
    project: Project, run: StoredRun, known: Model | None, wish: Wish, model: str
) -> tuple[str, bool]:
    """Return the version that the run gets or has, and whether it is new."""
    there = known.at(run.oid) if known is not None else None
    if there is not None:
        return _same(project, run, there, wish, model), False
    latest = known.latest if known is not None else None
    if wish.version is not None:
        return _named(known, latest, with_v(wish.version), model), True
    if latest is None:
        first = bumped(NONE_YET, wish.bump or "patch")
        while known is not None and known.named(first) is not None:
            first = bumped(first, "patch")
        return first, True
    following = bumped(latest.name, wish.bump or "patch")
    while known is not None and known.named(following) is not None:  # one that was taken back
        following = bumped(following, "patch")
    return following, True


def _same(project: Project, run: StoredRun, there: Version, wish: Wish, model: str) -> str:
    """Return the version that a run already has: a commit has one version of a model, as in GTO."""
    if not there.is_active:
        tag = next(one.tag for one in reversed(there.own) if one.what.action == "deregister")
        raise GitexpError(
            f"run '{run.name}' was '{model}' {there.name}, which is deprecated",
            hint=_taking_back(project, tag),
        )
    asked = with_v(wish.version) if wish.version is not None else there.name
    if not wish.stage or wish.bump is not None or asked != there.name:
        raise GitexpError(
            f"run '{run.name}' is already '{model}' {there.name}",
            hint="`--stage STAGE` alone gives it a stage.",
        )
    return there.name


def _taking_back(project: Project, tag: str) -> str:
    """Return what takes a tag back here and, if there is a remote, on it."""
    hint = f"`git tag -d {shlex.quote(tag)}` takes that back."
    try:
        remote = choose_remote(project.repository, project.config.branch)
    except GitexpError:  # no remote, or nobody knows which
        return hint
    delete = shlex.join(["git", "push", remote, "--delete", tag])
    return f"{hint} If it was pushed, `{delete}` does so for everybody."


def _named(known: Model | None, latest: Version | None, version: str, model: str) -> str:
    mine = precedence(version)
    if mine is None:
        raise GitexpError(
            f"'{version.removeprefix('v')}' is not a version", hint="One is like 1.2.0."
        )
    there = known.named(version) if known is not None else None
    if there is not None:
        gone = "" if there.is_active else " and was deprecated"
        raise GitexpError(
            f"'{model}' {version} already exists{gone}",
            hint=f"`gitexp models history {shlex.quote(model)}` lists what there is.",
        )
    last = precedence(latest.name) if latest is not None else None
    if latest is not None and last is not None and mine <= last:
        raise GitexpError(
            f"'{model}' {version} is not higher than the latest version, {latest.name}",
            hint=f"The next one is {bumped(latest.name, 'patch')}.",
        )
    return version


def _holder(known: Model | None, stage: str) -> Version | None:
    """Return the version that is to be replaced: the stage's, or the latest one."""
    if known is None:
        return None
    return known.stages.get(stage) if stage else known.latest


def _refusals(
    project: Project, run: StoredRun, stage: str, holder: Version | None
) -> tuple[str, ...]:
    before = project.runs.of_commit(holder.commit) if holder is not None else None
    if before is not None and before.problem is not None:
        before = None
    demands = project.config.promote.of(stage)
    return (*refusals(project, run, demands, before), *lost_inputs(project, run))


def _tags(
    project: Project,
    run: StoredRun,
    wish: Wish,
    name: TagName,
    file: ModelFile,
    is_new: bool,
    found: tuple[str, ...],
) -> tuple[NewTag, ...]:
    said = {
        RUN_TRAILER: run.id,
        "Gitexp-Name": run.name,
        **({PROJECT_TRAILER: quoted_path(run.project)} if run.project else {}),
        MODEL_TRAILER: quoted_path(file.path),
        MD5_TRAILER: file.md5,
        **({REFUSED_TRAILER: _one_line("; ".join(found))} if found and wish.override else {}),
        **({OVERRIDE_TRAILER: _one_line(wish.override)} if wish.override else {}),
    }
    tags = []
    if is_new:
        subject = f"Register {name.model} {name.version}: {run.name}"
        tags.append(NewTag(name, run.oid, message_of(subject, wish.message, said)))
    if wish.stage:
        number = next_counter(project.repository, name.model)
        stage = TagName("assign", name.model, stage=wish.stage, counter=number)
        subject = f"Assign {wish.stage} to {name.model} {name.version}: {run.name}"
        tags.append(NewTag(stage, run.oid, message_of(subject, wish.message, said)))
    return tuple(tags)


def message_of(subject: str, message: str, said: Mapping[str, str]) -> str:
    """Return the message of a tag: a subject, the user's words, trailers."""
    parts = [subject, *([without_trailers(message.strip())] if message.strip() else [])]
    if said:
        parts.append("\n".join(f"{key}: {value}" for key, value in said.items()))
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
