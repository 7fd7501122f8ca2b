"""Runs by the names of models: `digits#prod` and `digits@1.2.0` where a run is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitexp.project import Project
from gitexp.store.selectors import find_run, unknown
from gitexp.store.stored_run import StoredRun

_SIGNS = "@#"


def get_run(project: Project, text: str, others: Callable[[], Iterable[str]] = tuple) -> StoredRun:
    """Return the run that a selector names, or else a version or stage of a model.

    Raises UnknownRun, with the close names, if neither does; `others` are named as well then.
    """
    found = find_run(project.runs, text) or _of_model(project, text)
    if found is None:
        raise unknown(project.runs, text, "run", others)
    return found


def as_selector(project: Project, text: str) -> str:
    """Return what names the same run without the registry: the commit of a model's version."""
    if not _may_be_model(text) or find_run(project.runs, text) is not None:
        return text
    found = _of_model(project, text)
    return found.oid if found is not None else text


def _of_model(project: Project, text: str) -> StoredRun | None:
    if not _may_be_model(text):
        return None
    from gitexp.registry.source import UnknownModel, find_version  # noqa: PLC0415 - 35 ms, rarely asked for

    try:
        _, version = find_version(project, text)
    except UnknownModel:
        return None
    return project.runs.of_commit(version.commit)


def _may_be_model(text: str) -> bool:
    return any(sign in text for sign in _SIGNS)
