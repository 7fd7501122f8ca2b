"""Values that are read through links: which links are followed, and why others are not.

A path that settings name outside of the repository is not read: a commit brought the settings.
What a commit or the index brings is read from git alone. In the work tree a link is followed
out of the repository only if it belongs to this clone: git ignores it, and no run has it.
docs/explanation/links.md has the rule, and security.md what it keeps off.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Collection, Mapping
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.links import Lead, follow, follow_on_disk
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entry
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.secret_names import is_secret_path
from gitexp.store.own_links import is_private, own_links


class LedAway(GitexpError):
    """A file is a link, or lies below one, to where its values are not read from."""


def follow_in_git(project: Project, entries: Mapping[str, Entry | None], path: str) -> Lead:
    """Follow the links of a tree or the index."""
    repository = project.repository

    def target_of(place: str) -> str | None:
        entry = entries.get(place)
        content = repository.objects.blob(entry.oid) if _is_link(entry) and entry else None
        return None if content is None else os.fsdecode(content)

    return follow(path, target_of, os.fspath(repository.top))


def lead_in_git(project: Project, entries: Mapping[str, Entry | None], path: str) -> TopPath:
    """Return where a path leads in a tree or the index; raises LedAway if git has nothing there."""
    if _is_plain(path) and not any(_is_link(entries.get(at)) for at in (path, *above(path))):
        return TopPath(path)  # as nearly all of them: no link is on the way
    lead = follow_in_git(project, entries, path)
    name = project.name(TopPath(path))
    why = why_away(name, lead)
    if why is None and lead.links and lead.path not in entries:
        inner = any(_is_submodule(entries.get(folder)) for folder in above(lead.path))
        lacks = "lies in a submodule" if inner else "git does not have"
        why = f"'{name}' is a link to '{lead.path}', which {lacks}"
    if why is not None:
        raise LedAway(why)
    return lead.path


def blob_behind(project: Project, entries: Mapping[str, Entry], path: str) -> bytes | None:
    """Return what a file of a tree or the index holds, or the file that it leads to there."""
    with contextlib.suppress(LedAway):
        return project.repository.objects.blob(entries[lead_in_git(project, entries, path)].oid)
    return None


def _is_plain(path: str) -> bool:
    """Return whether a path has no part such as `..` that leads elsewhere without a link."""
    return posixpath.normpath(path) == path and not path.startswith(("../", "/"))


def _is_link(entry: Entry | None) -> bool:
    return entry is not None and entry.mode == LINK_MODE


def _is_submodule(entry: Entry | None) -> bool:
    return entry is not None and entry.mode == SUBMODULE_MODE


def lead_on_disk(project: Project, path: str) -> TopPath:
    """Return where a path leads in the work tree; an absolute path if that is outside of it.

    Raises LedAway where values are not read from.
    """
    found = file_behind(project, path)
    if found is None:
        return TopPath(path)
    top = project.repository.top
    inside = found.is_relative_to(top)
    return TopPath(found.relative_to(top).as_posix() if inside else os.fspath(found))


def why_away(path: str, lead: Lead) -> str | None:
    """Return why a link is followed neither in git nor on the disk, or None."""
    if lead.outside:
        what = f"is a link to '{lead.outside}'," if lead.links else "lies"
        return f"'{path}' {what} outside of the repository"
    if lead.is_loop:
        return f"'{path}' is a link that leads in a circle"
    if not lead.links:
        return None
    if is_private(lead.path):
        return f"'{path}' is a link to '{lead.path}', which belongs to git, DVC or gitexp"
    if is_secret_path(lead.path):
        return f"'{path}' is a link to '{lead.path}', whose name is that of a secret"
    return None


def file_behind(project: Project, path: str, *, ours: Collection[str] = ()) -> Path | None:
    """Return the file of the work tree that a path stands for; None if there is none.

    `ours` are links that the command wrote. Raises LedAway where values are not read from.
    """
    top = project.repository.top
    lead = follow_on_disk(top, path)
    name = project.name(TopPath(path))
    why = why_away(name, lead)
    place = top / lead.path
    if lead.outside and lead.links:
        others = [link for link in lead.links if link not in ours]
        strange = set(others).difference(
            own_links(project.repository, project.config.branch, others)
        )
        why = f"{why}, and git does not ignore the link" if strange else None
        place = Path(lead.outside)
    if why is None and lead.links and not place.is_file():
        why = f"'{name}' is a link to '{lead.outside or lead.path}', and no file is there"
    if why is not None:
        raise LedAway(why)
    return place if place.is_file() else None


def above(path: str) -> list[str]:
    """Return the folders above a path, the outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
