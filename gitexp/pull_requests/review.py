"""The review of a change: both ends read, compared, judged, and the run behind it found."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.comparison.changes import CodeChange, Diff, Side
from gitexp.comparison.diff import diff_sides
from gitexp.git.diffs import differing_from_work_tree
from gitexp.inputs.alike import any_repeat
from gitexp.inputs.clues import clues_of
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.pull_requests.courses import courses
from gitexp.pull_requests.ends import Ends
from gitexp.pull_requests.findings import (
    findings_of_change,
    lacking_repeats,
    overtaken,
    said_of_run,
)
from gitexp.pull_requests.origin import Tell
from gitexp.pull_requests.part import Part
from gitexp.pull_requests.read_end import Behind, ReadEnd
from gitexp.pull_requests.runs import fetched_lacking
from gitexp.review.judged import Verdict
from gitexp.review.review import End, Review
from gitexp.review.verdict import judge
from gitexp.revisions.code import code_changes
from gitexp.revisions.sides import RevisionSide, environment_of
from gitexp.store.stored_run import StoredRun

if TYPE_CHECKING:
    from gitexp.review.statistics import Samples


def make_review(
    project: Project, ends: Ends, tell: Tell, *, ask_remote: bool, part: Part | None = None
) -> Review:
    """Judge the step from the merge base to the head by the policy that the head has.

    `part` says that only some runs are here, and gets more of them.
    """
    base = End(f"merge base {ends.fork[:10]}", ends.fork)
    head = End(ends.head_label, ends.head)
    if ends.fork == ends.head:
        empty = Verdict(base.label, head.label), Diff(base.label, head.label)
        return Review(project.folder, base, head, *empty)
    both = functools.partial(_both, project, base, head, ends.run)
    old, new = both() if part is None else _with_older(part, both)
    known = new.runs if part is None else (*new.runs, *old.runs)
    if fetched_lacking(project, known, tell):
        old, new = both()
    run = new.origins.only_run
    behind = (None if run is None else old.origins.only_run), run
    sides = _with_environments(project, old.side, new.side, behind)
    record = None if run is None else run.record
    repeated = behind if _any_repeats(new.reading.project, run) else (None, None)
    policy = new.config.policy
    diff = diff_sides(*sides, _code(old, new), policy)
    verdict = judge(
        *sides,
        policy,
        new.config.review,
        diff=diff,
        samples=_samples(new.reading.project, repeated),
        unread=new.reading.unread_metrics,
    )
    return Review(
        project=project.folder,
        base=base,
        head=head,
        verdict=verdict,
        diff=diff,
        findings=(
            *findings_of_change(old, new, ask_remote=ask_remote),
            *overtaken(new, record, ends),
            *lacking_repeats(old, new, repeated),
            *(() if record is None else said_of_run(record)),
        ),
        runs=new.runs,
        base_run=None if behind[0] is None else behind[0].id,
        courses=functools.cache(lambda: tuple(courses(project, policy, verdict, new.runs))),
    )


def _code(old: ReadEnd, new: ReadEnd) -> tuple[CodeChange, ...]:
    """Return the code that differs, as the settings of the head tell it from values."""
    ends = RevisionSide(old.side, old.oid), RevisionSide(new.side, new.oid)
    return code_changes(new.reading.project, *ends, new.reading.declared)


def uncommitted(project: Project) -> list[str]:
    """Return the files of the project with changes that are in no commit."""
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        below = project.recorded_folders()
        found = differing_from_work_tree(project.repository, "HEAD", Path(scratch), below)
    return sorted(map(project.name, map(TopPath, found)))


def _both(project: Project, base: End, head: End, run: StoredRun | None) -> tuple[ReadEnd, ReadEnd]:
    return ReadEnd(project, base), ReadEnd(project, head, run)


def _with_older(part: Part, both: Callable[[], tuple[ReadEnd, ReadEnd]]) -> tuple[ReadEnd, ReadEnd]:
    """Return both ends as read when runs are here that account for them, or that might have."""
    old, new = both()
    if not (old.is_fresh and new.is_fresh):
        for _ in part.older([clues_of(end.reading) for end in (old, new)]):
            old, new = both()
            if old.is_fresh and new.is_fresh:
                break
    behind = (run.oid for end in (old, new) if (run := end.origins.only_run) is not None)
    return both() if part.fetch_around(behind) else (old, new)


def _any_repeats(project: Project, run: StoredRun | None) -> bool:
    """Return whether any two runs look alike, which the index knows."""
    return run is not None and any_repeat(project)


def _samples(project: Project, repeated: Behind) -> Samples:
    if None in repeated:
        return {}
    from gitexp.inputs.repeats import samples  # noqa: PLC0415 - 5 ms, where runs repeat

    return samples(project, *repeated)


def _with_environments(project: Project, old: Side, new: Side, behind: Behind) -> tuple[Side, Side]:
    """Return both sides with the environments of the runs behind them, if both have one."""
    before, after = behind
    if before is None or after is None:
        return old, new
    return (
        replace(old, environment=_environment(project, before)),
        replace(new, environment=_environment(project, after)),
    )


def _environment(project: Project, run: StoredRun) -> dict[str, str] | None:
    return environment_of(project, run.oid, run.record)
