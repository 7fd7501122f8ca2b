"""Why runs that somebody may take for repeats of another one are none."""

from __future__ import annotations

from gitexp.git.objects import is_oid
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.repeats import repeats_of
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.review.words import named
from gitexp.revisions.revision import run_revision
from gitexp.revisions.roles import Declared
from gitexp.store.stored_run import StoredRun

_LOOKED_AT = 20
"""How many runs since are looked at."""


def no_repeats(project: Project, run: StoredRun, commit: str) -> str:
    """Return why runs do not count that have other seeds and started on a commit since the run.

    Those that a commit, of which the run's result is part, leads to; nothing if there are none.
    """
    repeats = repeats_of(project, run)
    since = [
        one
        for one in repeats.alike()[:_LOOKED_AT]
        if one[0].record.started >= run.record.ended
        and one[0].record.baseline != run.record.baseline
        and _has_other_seeds(project, one[0].record, run.record)
    ]
    since = [one for one in since if _is_before(project, one[0].record.baseline, commit)]
    lost = [one for one, key in repeats.keys(since) if key != repeats.key]
    return _words(project, run, lost) if lost else ""


def _words(project: Project, run: StoredRun, lost: list[StoredRun]) -> str:
    names = named([f"'{one.name}'" for one in lost])
    are = "is no repeat" if len(lost) == 1 else "are no repeats"
    return f"{names} {are} of '{run.name}': {_why(project, run, lost[0])}"


def _why(project: Project, run: StoredRun, other: StoredRun) -> str:
    declared = Declared(project, project.pipeline)
    found = ComparedInputs(project, run_revision(project, run), declared).with_run(
        other, other.record
    )
    names = [*found.paths, *found.data, *found.extra]
    if not names:
        return "it went on from what an earlier run had left"
    return f"{named(names)} changed in between"


def _has_other_seeds(project: Project, one: RunRecord, other: RunRecord) -> bool:
    is_seed = project.config.review.is_seed
    seeds = [
        {
            (file, name): value
            for file, values in record.params.items()
            for name, value in flatten(values).items()
            if is_seed(name)
        }
        for record in (one, other)
    ]
    return seeds[0] != seeds[1]


def _is_before(project: Project, baseline: str, commit: str) -> bool:
    """Return whether a commit is another one, or among those that it is made from."""
    if not is_oid(baseline):
        return False
    asked = ("merge-base", "--is-ancestor", baseline, commit)
    return project.repository.attempt(*asked).returncode == 0
