"""Names and work trees that are taken: by another run, a branch or a tag."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from gitexp.errors import GitexpError
from gitexp.git.refs import Ref
from gitexp.project import Project
from gitexp.store.journal import Journal

_LOOK_EVERY = 0.2
"""Seconds between two looks at a work tree that is busy."""

OTHER_NAME = "Choose another name; without `-n` gitexp makes one up."


class WorkTreeTaken(GitexpError):
    """Another run is under way in this work tree; nothing has begun of this one."""


def check_not_taken(project: Project, name: str, refs: list[Ref], *, hint: str) -> None:
    """Raise GitexpError if a run, a branch or a tag goes by that name; `refs` has the latter."""
    taken = {
        f"refs/heads/{name}": f"'{name}' is the name of a branch",
        f"refs/tags/{name}": f"'{name}' is the name of a tag",
    }
    why = next((taken[ref.name] for ref in refs if ref.name in taken), None)
    there = project.runs.index.named(name, project=None)
    if there:
        why = f"a run named '{name}' exists"
        if all(run.facts.removed for run in there):
            why = f"a removed run is named '{name}'"
            hint = f"{hint} `gitexp restore {name}` brings the run back."
    if why:
        raise GitexpError(why, hint=hint)
    check_not_under_way(project, name, hint=hint)


def check_not_under_way(project: Project, name: str, *, hint: str = OTHER_NAME) -> None:
    """Raise GitexpError if a run of that name is under way."""
    for entry in Journal(project.repository).entries():
        if entry.name == name and not entry.is_over:
            raise GitexpError(f"a run named '{name}' is under way", hint=hint)


def check_work_tree(project: Project, around: Collection[str] = ()) -> None:
    """Raise WorkTreeTaken if another run is under way in this work tree.

    `around` are the ids of those that have started this one, for another project.
    """
    for entry in Journal(project.repository).entries():
        if entry.work_tree != str(project.repository.top) or entry.id in around:
            continue
        if not entry.is_over:
            hint = "Run in a copy of the work tree with `--temp`, or `--wait` for its end."
            if not entry.living:
                rescue = f"`gitexp doctor --recover {entry.id}` records it"
                hint += f" If that machine or container is gone for good, {rescue}."
            raise WorkTreeTaken(
                f"run '{entry.name}' is under way in this work tree ({entry.who})",
                hint=hint,
            )


def wait_for_work_tree(
    project: Project, tell: Callable[[str], None], around: Collection[str] = ()
) -> None:
    """Return when no run is under way in this work tree any more."""
    told = False
    while True:
        try:
            check_work_tree(project, around)
        except WorkTreeTaken as busy:
            if not told:
                tell(f"note: waiting: {busy}")
            told = True
            time.sleep(_LOOK_EVERY)
        else:
            return
