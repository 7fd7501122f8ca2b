"""Which direction of a metric is better, as far as the sweeps say it that were after it."""

from __future__ import annotations

import contextlib

from gitexp.comparison.naming import are_one
from gitexp.comparison.query.expression import Column
from gitexp.comparison.ranking import Direction
from gitexp.errors import GitexpError
from gitexp.model.policy import Goal
from gitexp.project import Project
from gitexp.store.index.sweeps import sweeps_with
from gitexp.sweep.definition import read_definition

_MOST = 20
"""Sweeps that are asked, the last ones: each definition is a file of git's."""


def direction_by_sweeps(project: Project, column: Column) -> Direction | None:
    """Return the direction on which all sweeps agree that were after a metric; None if they don't.

    Those that were after something else say nothing of it.
    """
    if column.kind != "metrics" or project.runs.tip is None:
        return None
    index = project.runs.index
    ids = index.answer(lambda found: sweeps_with(found, column, project.folder, _MOST))
    goals: set[Goal] = set()
    for one in ids:
        with contextlib.suppress(GitexpError):  # of a newer gitexp
            sweep = read_definition(project, one)
            aims = sweep.objectives if sweep is not None else ()
            goals.update(aim.goal for aim in aims if are_one(aim.metric, column.name))
        if len(goals) > 1:
            return None
    if not goals:
        return None
    return "asc" if goals == {"min"} else "desc"
