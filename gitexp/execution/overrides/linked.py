"""Params files that are links: values are set in what they lead to, if that is the project's."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from gitexp.errors import GitexpError
from gitexp.execution.overrides.ours import holds
from gitexp.git.links import Lead, follow_on_disk
from gitexp.git.trees import is_below
from gitexp.model.override import Override
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.revisions.links import why_away


def editable_among(
    project: Project, contents: Mapping[str, bytes], overrides: Iterable[Override]
) -> dict[str, bytes]:
    """Return the params files in which values may be set, each file once.

    Raises GitexpError if a value is meant for one that is a link to somewhere else.
    """
    apart: dict[str, str] = {}
    editable: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for name in dict.fromkeys((*project.params_files, *map(ProjectPath, contents))):
        lead = follow_on_disk(project.repository.top, project.path(name))
        why = _why_not(project, name, lead)
        if why is not None:
            apart[name] = why
        elif name in contents and lead.path not in names:
            editable[name], names[lead.path] = contents[name], name
    for one in overrides:
        _check(project, one, contents, editable, apart)
        if one.file is not None:
            _rename(project, posixpath.normpath(one.file), contents, editable, names)
    return editable


def edited_path(project: Project, name: str) -> str:
    """Return the path from the top of the file in which values of a params file are set.

    Raises GitexpError if that is not in the project, as in a copy whose link leads back.
    """
    path = project.path(ProjectPath(name))
    lead = follow_on_disk(project.repository.top, path)
    why = _why_not(project, name, lead)
    if why is not None:
        raise _refusal(name, why)
    return lead.path


def _why_not(project: Project, name: str, lead: Lead) -> str | None:
    if not lead.links and not lead.outside:
        return None
    why = why_away(name, lead)
    if why is None and not any(is_below(one, lead.path) for one in project.recorded_folders()):
        return f"'{name}' is a link to '{lead.path}', outside of the project"
    return why


def _check(
    project: Project,
    one: Override,
    contents: Mapping[str, bytes],
    editable: Mapping[str, bytes],
    apart: Mapping[str, str],
) -> None:
    """Raise GitexpError if a value is meant for a file that is a link to somewhere else."""
    if not apart:
        return
    if one.file is not None:
        meant = posixpath.normpath(one.file)
    elif any(holds(project, contents, name, one) for name in editable):
        return
    else:
        read = (name for name in apart if name in contents)
        holding = (name for name in read if holds(project, contents, name, one))
        meant = next(holding, "" if editable else next(iter(apart)))
    if meant in apart:
        raise _refusal(meant, apart[meant])


def _refusal(name: str, why: str) -> GitexpError:
    return GitexpError(
        f"no value can be set in '{name}': {why}",
        hint="Change that file yourself, or put a copy of it in place of the link.",
    )


def _rename(
    project: Project,
    asked: str,
    contents: Mapping[str, bytes],
    editable: dict[str, bytes],
    names: dict[str, str],
) -> None:
    """Take a file by the name that an override has for it, if several names lead to it."""
    if asked in editable or asked not in contents:
        return
    place = follow_on_disk(project.repository.top, project.path(ProjectPath(asked))).path
    other = names.get(place)
    if other is not None:
        editable[asked] = editable.pop(other)
        names[place] = asked
