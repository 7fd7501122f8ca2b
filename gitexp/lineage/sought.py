"""What somebody means whose lineage is asked for: a run, data, or a version of a model."""

from __future__ import annotations

import posixpath
import re

from msgspec import Struct

from gitexp.data.pointers import Pointer, owner_of
from gitexp.errors import GitexpError
from gitexp.lineage.links import Links
from gitexp.lineage.promoted import Promoted
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.registry.source import UnknownModel, find_version
from gitexp.revisions.locked import lock_files, locked_data
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import Revision, commit_revision, workspace_revision
from gitexp.store.selectors import UnknownRun, find_run
from gitexp.store.stored_run import StoredRun

_MD5 = re.compile(r"[0-9a-f]{6,32}(?:\.dir)?")
_WHOLE = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_SHOWN = 4


class Sought(Struct, frozen=True):
    """Exactly one of these."""

    run: StoredRun | None = None
    md5: str = ""
    promoted: Promoted | None = None
    path: str = ""
    """Of data, from the top of the repository, if somebody named it by its path."""
    size: int | None = None


def find_sought(project: Project, text: str, links: Links, promoted: list[Promoted]) -> Sought:
    """Return what a text means; raises GitexpError if it means nothing.

    In this order: the whole name or id of a run, data behind a pointer in the work tree, a model,
    any other selector of a run, REV:PATH, and an md5 or the beginning of one.
    """
    if not text:
        raise _unknown(project, text)
    if project.runs.index.named(text, project.folder):
        return Sought(run=find_run(project.runs, text))
    pointer = pointer_in(project, workspace_revision(_whole(project)), text)
    if pointer is not None:
        return _data(pointer)
    found = _of_model(project, text, promoted) or _of_run(project, text)
    return found or _of_rev(project, text) or _of_md5(project, text, links)


def _data(pointer: Pointer) -> Sought:
    return Sought(md5=pointer.md5, path=pointer.path, size=pointer.size)


def _whole(project: Project) -> Project:
    """Return all of the repository as a project, so that no data lies outside."""
    return Project(project.repository, TopPath(""), project.directory)


def pointer_in(project: Project, revision: Revision, text: str) -> Pointer | None:
    """Return the pointer for a path, or for a folder around it, that a revision has."""
    path = posixpath.normpath(posixpath.join(project.directory, text))
    reading = Reading(_whole(project), revision)
    found = owner_of(path, [one for _, one in reading.pointers])
    if found is not None:
        return found
    locked = [one for lock in lock_files(revision) for one in locked_data(revision, lock)]
    return owner_of(path, locked)


def _of_model(project: Project, text: str, promoted: list[Promoted]) -> Sought | None:
    try:
        _, version = find_version(project, text)
    except UnknownModel:
        if "@" in text or "#" in text:
            raise
        return None
    return next((Sought(promoted=one) for one in promoted if one.version == version), None)


def _of_run(project: Project, text: str) -> Sought | None:
    run = find_run(project.runs, text)
    return Sought(run=run) if run is not None else None


def _of_rev(project: Project, text: str) -> Sought | None:
    rev, colon, path = text.partition(":")
    if not (colon and rev and path) or rev.startswith("-"):
        return None
    run = find_run(project.runs, rev)
    oid = run.oid if run is not None else project.repository.objects.commit(rev)
    if oid is None:
        return None
    pointer = pointer_in(project, commit_revision(_whole(project), oid, rev), path)
    if pointer is None:
        raise GitexpError(
            f"'{path}' is not behind a pointer in '{rev}'",
            hint="Lineage goes by pointers: what git itself holds has its history in `git log`.",
        )
    return _data(pointer)


def _of_md5(project: Project, text: str, links: Links) -> Sought:
    if _WHOLE.fullmatch(text):
        return Sought(md5=text)
    found = links.beginning(text) if _MD5.fullmatch(text) else []
    if len(found) == 1:
        return Sought(md5=found[0])
    if found:
        more = ", …" if len(found) > _SHOWN else ""
        raise GitexpError(
            f"'{text}' is the beginning of {len(found)} md5s", hint=_listed(found) + more
        )
    raise _unknown(project, text)


def _listed(md5s: list[str]) -> str:
    return f"Give more of one: {', '.join(md5s[:_SHOWN])}"


def _unknown(project: Project, text: str) -> GitexpError:
    place = project.repository.top / project.directory / text
    if text and place.exists():
        return GitexpError(
            f"'{text}' is not behind a pointer",
            hint="Lineage goes by pointers: `gitexp track` puts data behind one.",
        )
    import difflib  # noqa: PLC0415 - 1 ms, on the way out alone

    names = project.runs.index.names_like(text, project.folder) if text else []
    close = difflib.get_close_matches(text, names, n=1)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return UnknownRun(
        f"no run, data or model '{text}'", hint=f"{hint}`gitexp ls` and `gitexp models` list them."
    )
