"""Whether a run went on from what the run before had left, so that it repeats nothing."""

from __future__ import annotations

from gitexp.metrics.reading import is_tracker_name
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord
from gitexp.model.text import yaml_key
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.revisions.roles import Declared
from gitexp.settings.config import CONFIG_NAME

_GROWING = (".db", ".sqlite", ".sqlite3")
"""Databases, which programs add to."""


def went_on(project: Project, declared: Declared, record: RunRecord) -> bool:
    """Return whether a run began with what it then wrote over, or left other data to the next one.

    Most outputs that are written over lie there from the run before, and are not read: only one
    that the command or a param names tells of a training that went on. Data that somebody put
    behind a pointer, and that no run made, may well be read.
    """
    return bool(undeclared(project, declared, record) or named_in(record))


def undeclared(project: Project, declared: Declared, record: RunRecord) -> list[str]:
    """Return the data that a run wrote over although nothing says that it only writes it.

    Neither the settings say so, nor `gitexp.artifact`, nor is it known from an earlier run that
    made it.
    """
    ours = {one.path for one in record.pointers if one.role == "output" and not one.changed}
    return [
        name
        for name in record.overwritten
        if name not in record.artifacts
        for path in (project.path(ProjectPath(name)),)
        if not declared.is_model(path) and not declared.is_result(path)
        if name not in ours or name.endswith(_GROWING) or is_tracker_name(name)
    ]


def named_in(record: RunRecord) -> list[str]:
    """Return what a run wrote over and its command or one of its params names."""
    if not record.overwritten:
        return []
    texts = [*record.command]
    for values in record.params.values():
        texts += [value for value in flatten(values).values() if isinstance(value, str)]
    return [
        path
        for path in record.overwritten
        if any(path.rpartition("/")[2] in text for text in texts)
    ]


def why_went_on(project: Project, record: RunRecord) -> str:
    """Say what a run went on from, and what to do about it; nothing if it did not."""
    from gitexp.review.words import named  # noqa: PLC0415 - 5 ms, for this alone

    unknown = undeclared(project, Declared(project, project.pipeline), record)
    if unknown:
        names = named([f"'{one}'" for one in unknown])
        setting = f"`outputs: [{', '.join(map(yaml_key, unknown))}]`"
        return (
            f"it wrote over {names}, which it may have read; if it only writes that, "
            f"say so in {CONFIG_NAME}: {setting}"
        )
    given = [f"'{one}'" for one in named_in(record)]
    if given:
        return f"it went on from {named(given)} (`--temp` gives each run a copy without it)"
    return ""
