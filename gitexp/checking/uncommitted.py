"""Metrics that only need to be committed: those of the work tree are fresh, the revision's not."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.freshness import read_origins
from gitexp.model.paths import ProjectPath
from gitexp.review.freshness import Freshness
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import workspace_revision


def with_uncommitted(reading: Reading, found: Sequence[Freshness]) -> list[Freshness]:
    """Note by the stale metrics of HEAD, or of what is staged, whose the work tree has.

    That run has to have the inputs of the revision: those of the work tree may be others.
    """
    project = reading.project
    stale = {file for one in found if not one.fresh for file in one.files}
    if not _is_head(reading) or not any(_differs(reading, file) for file in stale):
        return list(found)
    origins = read_origins(Reading(project, workspace_revision(project)))
    inputs = ComparedInputs(project, reading.revision, reading.declared)
    runs = {one: run for one, run in origins.runs.items() if not run.facts.removed}
    here = {
        file: one.run
        for one in origins.freshness
        if one.fresh and one.status == "done" and (run := runs.get(one.run_id or "")) is not None
        if inputs.with_run(run, run.record).fresh
        for file in one.files
    }
    return [_with_here(one, {here.get(file) for file in one.files}) for one in found]


def _is_head(reading: Reading) -> bool:
    """Return whether a revision is HEAD, or what is staged on it."""
    revision = reading.revision
    if revision.run is not None or revision.kind == "workspace":
        return False
    return revision.commit == reading.project.repository.objects.commit("HEAD")


def _differs(reading: Reading, file: str) -> bool:
    """Return whether the work tree has another version of a file that git knows."""
    project = reading.project
    path = project.path(ProjectPath(file))
    there = reading.revision.read(path)
    try:
        return there is not None and (project.repository.top / path).read_bytes() != there
    except OSError:
        return False


def _with_here(one: Freshness, runs: set[str | None]) -> Freshness:
    """Return it with the one run that all of its files in the work tree are of, if they are."""
    return one if one.fresh or len(runs) != 1 else replace(one, here=next(iter(runs)))
