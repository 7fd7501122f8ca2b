"""The best run by a metric: the one that `gitexp best` shows first, whoever asks for it.

Runs that repeat one another compete by their mean, and the first of them stands for them all.
"""

from __future__ import annotations

import functools

from msgspec.structs import replace

from gitexp.inputs.alike import may_repeat
from gitexp.inputs.groups import Groups, Places
from gitexp.project import Project
from gitexp.store.index.selection import Selection
from gitexp.store.stored_run import StoredRun
from gitexp.store.wanted import best_selection
from gitexp.sweep.goals import direction_by_sweeps


def best_run(project: Project, metric: str) -> StoredRun | None:
    """Return what `best:METRIC` names; None if no run that ended well has the metric."""
    otherwise = functools.partial(direction_by_sweeps, project)
    return first_of(project, best_selection(project.runs, metric, otherwise=otherwise))


def first_of(project: Project, wanted: Selection) -> StoredRun | None:
    """Return the run in the first row of `gitexp best`, which costs one look without repeats."""
    index = project.runs.index
    places = places_of(project, wanted) if may_repeat(project, wanted) else None
    if places is None:
        return next(iter(index.select(replace(wanted, limit=1))), None)
    groups = Groups(project)
    best = next(groups.read(places[:1]), None)
    if best is None:
        return None
    found = index.at([one.position for one in places[0].members if one.id == best.runs[0].id])
    return next(iter(found), None)


def places_of(project: Project, wanted: Selection) -> list[Places] | None:
    """Return the runs in the order of a metric, repeats as one; None if none repeats another.

    To be asked where some may.
    """
    places = Groups(project).places(wanted)
    return places if any(len(one.members) > 1 for one in places) else None
