"""A gitexp inside something larger: which run is around it, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gitexp.git.trees import is_below
from gitexp.model.marks import runs_around
from gitexp.model.names import is_id
from gitexp.model.ranks import rank_above_zero, speaks_for_ranks
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal


def is_recorded_elsewhere(project: Project, environment: Mapping[str, str]) -> bool:
    """Return whether somebody else records: the run around this one, or the process of rank 0."""
    return rank_above_zero(environment) is not None or outer_run(project, environment) is not None


def outer_run(project: Project, environment: Mapping[str, str]) -> Entry | None:
    """Return the run that this process is a part of and that records what happens here.

    It is under way in this very work tree, and its project encloses this one or is inside
    it. A run that is over, or in another place, records nothing of what is done here.
    """
    ids = runs_around(environment)
    if not ids:
        return None
    around = [
        entry
        for entry in Journal(project.repository).entries()
        if entry.id in ids and _is_here(entry, project) and _meet(entry.folder, project.folder)
    ]
    return next((entry for entry in around if not entry.is_over), None)


def _is_here(entry: Entry, project: Project) -> bool:
    """Return whether a run is in this work tree; in a container that may have another path."""
    place = Path(entry.work_tree)
    return place == project.repository.top or not place.is_dir()


def runs_elsewhere(project: Project, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the runs around this process that record other things than this project.

    A run that is recorded here is over: a shell that it has left behind still has its mark.
    """
    ids = [one for one in runs_around(environment) if is_id(one)]
    return tuple(one for one in ids if not project.runs.index.named(one, project=None))


def _meet(one: str, other: str) -> bool:
    """Return whether two folders are one, or one of them lies in the other."""
    return is_below(one, other) or is_below(other, one)


def why_not_recorded(
    environment: Mapping[str, str], outer: Entry | None, name: str | None
) -> str | None:
    """Return the line that says who records instead; one process of many speaks for the others."""
    which = f"'{name}'" if name is not None else "this run"
    rank = rank_above_zero(environment)
    if rank is None:
        return (
            f"note: {which} is not recorded by itself: it is part of run '{outer.name}'"
            if outer is not None
            else None
        )
    if outer is not None or not speaks_for_ranks(environment):
        return None
    return f"note: {which} is not recorded by this process ({rank}): the one of rank 0 does that"
