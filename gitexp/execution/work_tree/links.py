"""The links of a work tree: where they lead, and what lies there outside of the repository."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from gitexp.execution.work_tree.files import Signature
from gitexp.git.links import follow_on_disk, is_within
from gitexp.git.trees import Entries, is_below
from gitexp.model.paths import TopPath
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions.kinds import links_in
from gitexp.revisions.links import why_away
from gitexp.revisions.roles import Declared

_MOST = 2000
"""Files that are looked at below one link: a scratch disk may hold millions."""


class Links(Struct, frozen=True):
    """The links in a project's folder, by their paths from the top."""

    inside: Mapping[str, str] = field(default_factory=dict)
    """Those that lead to a file or folder of the repository, with its path from the top."""
    outside: Mapping[str, str] = field(default_factory=dict)
    """Those that lead to a file or folder outside of it, with its absolute path; or to one outside
    of the project that git does not have."""


def find_links(project: Project, candidates: Iterable[str], tracked: Container[str] = ()) -> Links:
    """Return where those of the paths lead that are links; nowhere does not count."""
    top, folders = project.repository.top, project.recorded_folders()
    inside, outside = {}, {}
    for path in candidates:
        if not project.holds(TopPath(path)) or not (top / path).is_symlink():
            continue
        lead = follow_on_disk(top, path)
        if lead.outside and os.path.exists(lead.outside):  # noqa: PTH110 - a text already
            outside[path] = lead.outside
        elif why_away(path, lead) is None and lead.path and (top / lead.path).exists():
            inside[path] = str(lead.path)
            is_ours = any(is_below(folder, lead.path) for folder in folders)
            if not is_ours and lead.path not in tracked:
                outside[path] = str(top / lead.path)
    return Links(inside, outside)


def link_paths(entries: Entries, *groups: Mapping[str, Signature]) -> Iterator[str]:
    """Yield the links of a tree, and those among files that were looked at."""
    yield from links_in(entries)
    for group in groups:
        yield from (path for path, found in group.items() if stat.S_ISLNK(found[4]))


def outside(project: Project, place: str) -> str:
    """Return the words for a place that a link leads to, and of what that is outside."""
    is_within = Path(place).is_relative_to(project.repository.top)
    return f"'{place}', outside of the {'project' if is_within else 'repository'}"


def watch_outside(
    project: Project, links: Links, declared: Declared, tracked: Container[str]
) -> dict[str, Signature]:
    """Return the signatures of what links lead to outside of the repository, as far as it counts.

    Those are values and outputs by their names below the link. The files of a folder that is
    linked are looked at only if one of them may be such a file, and not all of very many.
    """
    patterns = Patterns([*declared.although_ignored.lines, *declared.track.lines])
    found: dict[str, Signature] = {}
    start = f"{project.repository.top}/"
    for link, place in links.outside.items():
        if not os.path.isdir(place):  # noqa: PTH112 - a text already
            paths: Iterable[tuple[str, str]] = [(link, place)]
        elif patterns.reaches_below(project.name(TopPath(link))):
            paths = _below(link, place, "" if is_within(place, start[:-1]) else start[:-1])
        else:
            continue
        for path, file in paths:
            if file.removeprefix(start) in tracked:
                continue
            if declared.is_output(path) or declared.is_params(path):
                one = _followed(file)
                found |= {path: one} if one is not None else {}
    return found


def _followed(file: str) -> Signature | None:
    try:
        one = Path(file).stat()
    except OSError:
        return None
    return (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)


def _below(link: str, place: str, top: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder, the nearest first, as they are called and where they lie.

    What lies below `top` is known by its own name.
    """
    pending, count = [(link, place)], 0
    while pending:
        name, folder = pending.pop(0)
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            count += 1
            if count > _MOST:
                return
            if entry.path == top:
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append((f"{name}/{entry.name}", entry.path))
            else:
                yield f"{name}/{entry.name}", entry.path
