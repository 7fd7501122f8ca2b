"""Runs that a remote has, where this clone has none before `gitexp pull`."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.project import Project
from gitexp.store.selectors import NoRuns


def hint_at_remotes(project: Project, error: GitexpError) -> None:
    """Have an error say where there are runs to pull, if there are none here."""
    if project.runs.tip is None and (found := list(remotes_with_runs(project))):
        first = () if error.hint is None or isinstance(error, NoRuns) else (error.hint,)
        error.hint = "\nhint: ".join((*first, *found))


def remotes_with_runs(project: Project) -> Iterator[str]:
    """Point out runs that git has fetched, but that are on no branch of this clone's own."""
    branch = project.config.remote_branch or project.config.branch
    for found in list_refs(project.repository, f"refs/remotes/*/{branch}"):
        place = found.name.removeprefix("refs/remotes/")
        remote = place.removesuffix(f"/{branch}")
        named = "" if remote == "origin" else f" {remote}"
        yield f"'{place}' has runs; `gitexp pull{named}` gets them."
