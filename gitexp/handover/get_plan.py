"""Finding what a path of a run stands for: a file in git, data behind a pointer, a folder."""

from __future__ import annotations

import difflib
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from gitexp.data.pointers import Pointer, owner_of
from gitexp.errors import GitexpError
from gitexp.git.trees import SUBMODULE_MODE, Entry, is_below, tree_entries
from gitexp.handover.contents import RunContents
from gitexp.model.paths import TopPath
from gitexp.model.record import RunRecord
from gitexp.model.refused_names import is_refused
from gitexp.pointers.ground import Forbidden, links_in, prefixes, why_not
from gitexp.project import Project
from gitexp.revisions.links import follow_in_git


class GetPlan(Struct, frozen=True):
    """What is to be fetched."""

    run: str
    commit: str
    path: str
    """From the top of the repository."""
    files: Mapping[str, Entry]
    """Files in git, by their path from the top."""
    data: tuple[Pointer, ...]
    """Data behind pointers at or below the path."""
    around: Pointer | None = None
    """The folder behind a pointer in which the path lies."""
    tree: Mapping[str, Entry] = {}
    """All that the run has in git: some of it says how the files are written."""


def plan_get(project: Project, contents: RunContents, typed: str) -> GetPlan:
    """Return what a path names, as seen from where the command was called, or from the project.

    Raises GitexpError with close names for a path that the run does not have.
    """
    tree = tree_entries(project.repository, contents.run.oid)
    pointers = {path: one.pointer for path, one in contents.data.items()}
    links = links_in(tree)
    for path in _led(project, tree, _meanings(project, typed)):
        files = {name: entry for name, entry in tree.items() if is_below(path, name)}
        data = tuple(one for name, one in pointers.items() if is_below(path, name))
        around = owner_of(path, pointers.values()) if not (files or data) else None
        entry = tree.get(path)
        if entry is not None and entry.mode == SUBMODULE_MODE:
            raise GitexpError(
                f"'{typed}' is a submodule, at commit {entry.oid[:10]} in the run",
                hint="Fetch that commit in the submodule itself.",
            )
        _check(files, (*data, *([around] if around else [])), contents.folders, links)
        if files or data or (around is not None and around.is_folder):
            kept = {name: one for name, one in files.items() if one.mode != SUBMODULE_MODE}
            return GetPlan(contents.run.name, contents.run.oid, path, kept, data, around, tree)
    raise unknown_path(
        f"run '{contents.run.name}' has no file '{typed}'",
        typed,
        (project.name(TopPath(path)) for path in (*pointers, *tree)),
    )


def _check(
    files: Iterable[str], data: Iterable[Pointer], folders: Sequence[str], links: frozenset[str]
) -> None:
    """Raise GitexpError for a file, or Forbidden for data, that would lie where it must not."""
    for path in files:
        if is_refused(path) or not links.isdisjoint(list(prefixes(path))[:-1]):
            raise GitexpError(
                f"the run has a file '{path}', which git itself would not write",
                hint="Look at the commit, and who made it; nothing was written.",
            )
    for one in data:
        why = why_not(one.path, folders, links)
        if why is not None:
            raise Forbidden(one.path, why)


def inputs_of_others(project: Project, record: RunRecord, plan: GetPlan) -> list[str]:
    """Return what to say of data that the run has read, and another run has written."""
    pointers = plan.data if plan.around is None else (plan.around,)
    paths = [project.name(TopPath(one.path)) for one in pointers]
    writers = project.runs.index.writers(record)
    return [
        f"'{path}' is an input of this run, written by '{writers[path].name}'"
        for path in paths
        if path in writers
    ]


def unknown_path(message: str, typed: str, names: Iterable[str]) -> GitexpError:
    """Return the error for a path that is not there, with the nearest one that is."""
    close = difflib.get_close_matches(posixpath.normpath(typed), list(names), n=1)
    return GitexpError(message, hint=f"Did you mean '{close[0]}'?" if close else None)


def _led(project: Project, tree: Mapping[str, Entry], paths: Iterable[str]) -> Iterator[str]:
    """Yield paths, in place of a link in the run that it leads to something of the run."""
    for path in paths:
        lead = follow_in_git(project, tree, path)
        if lead.links and lead.is_inside and lead.path:
            yield lead.path
        yield path


def _meanings(project: Project, typed: str) -> Iterator[str]:
    """Yield the paths from the top that may be meant, the nearest first."""
    if typed.startswith("/"):
        inside = os.path.relpath(typed, project.repository.top)
        if not inside.startswith(".."):
            yield "" if inside == "." else inside
        return
    for start in dict.fromkeys((project.directory, project.folder, "")):
        path = posixpath.normpath(posixpath.join(start, typed))
        if not path.startswith(".."):
            yield "" if path == "." else path
