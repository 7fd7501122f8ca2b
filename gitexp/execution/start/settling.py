"""Which folders of earlier runs are known without a look into them, and are not named."""

from __future__ import annotations

from collections.abc import Collection

from gitexp.execution.kept.settled import written_down
from gitexp.execution.work_tree.settled import Settled, around, still_settled
from gitexp.project import Project
from gitexp.revisions.links import above


def recalled(project: Project, named: Collection[str]) -> tuple[Settled, ...]:
    """Return the folders that are settled and of which a command names no part.

    A folder of several of them may be named: it is where each run puts its own.
    """
    settled = written_down(project)
    if not settled:
        return ()
    runs = project.runs.index.there({one.run for one in settled})
    settled = tuple(one for one in settled if one.run in runs)
    out = _named_among(settled, named)
    return still_settled(project.repository.top, (one for one in settled if one.folder not in out))


def _named_among(settled: Collection[Settled], named: Collection[str]) -> set[str]:
    runs = around(settled)
    alone = {place for place in named if len(runs.get(place, ())) == 1}
    inside = {folder for place in named for folder in (place, *above(place))}
    return {
        one.folder
        for one in settled
        if one.folder in inside or (alone and not alone.isdisjoint(above(one.folder)))
    }
