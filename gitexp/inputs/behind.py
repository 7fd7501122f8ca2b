"""The repeats of what two revisions hold, which a comparison of any two is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitexp.comparison.changes import Diff
from gitexp.inputs.alike import any_repeat
from gitexp.model.values import is_number
from gitexp.project import Project
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision, workspace_revision
from gitexp.revisions.sides import RevisionSide
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples


def samples_between(project: Project, old: RevisionSide, new: RevisionSide, diff: Diff) -> Samples:
    """Return the repeats of the runs that two sides are, or that their metrics are from.

    Nothing if no number differs, or no run of the project repeats another.
    """
    if project.runs.tip is None or not any(
        is_number(one.old) and is_number(one.new) for one in diff.metrics
    ):
        return {}
    if not any_repeat(project):
        return {}
    from gitexp.inputs.repeats import samples  # noqa: PLC0415 - 10 ms, where runs repeat

    run = _behind(project, new)
    return samples(project, _behind(project, old), run) if run is not None else {}


def _behind(project: Project, side: RevisionSide) -> StoredRun | None:
    if side.run is not None:
        return side.run
    from gitexp.inputs.freshness import read_origins  # noqa: PLC0415 - 10 ms, where it is no run

    if side.oid is None:
        reading = Reading(project, workspace_revision(project), project.config)
        return read_origins(reading).only_run
    reading = Reading(project, commit_revision(project, side.oid, side.side.label))
    return read_origins(reading).only_run
