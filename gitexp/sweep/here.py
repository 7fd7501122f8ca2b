"""A sweep that is under way in this repository: what it is, and what its runs begin with."""

from __future__ import annotations

from gitexp.errors import GitexpError
from gitexp.execution.start.standing import Frozen
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.sweep.definition import read_definition
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.sweep import Sweep


def sweep_here(project: Project, sweep_id: str) -> tuple[Project, Sweep, Frozen]:
    """Return the project that the runs of a sweep are made in, the sweep, and where they begin.

    Raises GitexpError if it is not under way here.
    """
    sweep = read_definition(project, sweep_id)
    frozen = read_frozen(project.repository, sweep_id)
    if sweep is None or frozen is None:
        raise GitexpError(
            f"no sweep '{sweep_id}' is under way here",
            hint="`gitexp sweep --resume` goes on with one that has runs.",
        )
    return Project(project.repository, TopPath(sweep.project), frozen.directory), sweep, frozen
