"""The review of a change: both ends read, compared, judged, and the run behind it found."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.checking.check import check_revision
from gitexp.comparison.diff import CodeChange, Diff, Side, diff_sides
from gitexp.git.diffs import differing_from_work_tree
from gitexp.inputs.alike import Likeness
from gitexp.inputs.clues import clues_of
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.freshness import Origins, read_origins
from gitexp.inputs.logged import add_logged
from gitexp.model.paths import TopPath
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.pull_requests.courses import courses
from gitexp.pull_requests.ends import Ends, Tell
from gitexp.pull_requests.part import Part
from gitexp.pull_requests.runs import fetched_lacking
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.loosened import loosened_changes, loosened_rules
from gitexp.review.review import End, Review
from gitexp.review.verdict import judge
from gitexp.review.words import listed, named
from gitexp.revisions.code import code_changes
from gitexp.revisions.deciding import may_decide
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision, differing
from gitexp.revisions.sides import RevisionSide, environment_of
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.reading import StoredRun

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
            *_findings(old, new, ask_remote=ask_remote),
            *_overtaken(new, record, ends),
            *_no_repeats(old, new, repeated),
            *(() if record is None else _said_of_run(record)),
        ),
        runs=new.runs,
        courses=functools.cache(lambda: tuple(courses(project, policy, verdict, new.runs))),
    )


def _code(old: _Read, new: _Read) -> tuple[CodeChange, ...]:
    """Return the code that differs, as the settings of the head tell it from values."""
    ends = RevisionSide(old.side, old.oid), RevisionSide(new.side, new.oid)
    return code_changes(new.reading.project, *ends, new.reading.declared)


def uncommitted(project: Project) -> list[str]:
    """Return the files of the project with changes that are in no commit."""
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        below = project.recorded_folders()
        found = differing_from_work_tree(project.repository, "HEAD", Path(scratch), below)
    return sorted(map(project.name, map(TopPath, found)))


class _Read:
    """One end of the change, read by the settings that it holds itself."""

    def __init__(self, project: Project, end: End, run: StoredRun | None = None) -> None:
        self.oid = end.oid
        self.reading = Reading(project, commit_revision(project, end.oid, end.label, run))
        self.config = self.reading.config
        self._lacks_logged = add_logged(self.reading)
        self.side = self.reading.side
        self._project = project

    @cached_property
    def origins(self) -> Origins:
        """Which run each metrics file is from."""
        return read_origins(self.reading)

    @property
    def runs(self) -> tuple[Freshness, ...]:
        """The same, with the inputs that changed since."""
        return self.origins.freshness

    @property
    def is_fresh(self) -> bool:
        """Whether the inputs of all metrics are those of a run, and none may be missing."""
        return not self._lacks_logged and all(one.fresh for one in self.runs)

    def findings(self, *, ask_remote: bool) -> tuple[Finding, ...]:
        """Return what a check of this end says, but for the policy: that is for the verdict."""
        found = check_revision(
            self._project, self.reading, ask_remote=ask_remote, freshness=self.runs, by_policy=False
        )
        return found.findings


def _both(project: Project, base: End, head: End, run: StoredRun | None) -> tuple[_Read, _Read]:
    return _Read(project, base), _Read(project, head, run)


def _with_older(part: Part, both: Callable[[], tuple[_Read, _Read]]) -> tuple[_Read, _Read]:
    """Return both ends as read when runs are here that account for them, or that might have."""
    old, new = both()
    if not (old.is_fresh and new.is_fresh):
        for _ in part.older([clues_of(end.reading) for end in (old, new)]):
            old, new = both()
            if old.is_fresh and new.is_fresh:
                break
    behind = (run.oid for end in (old, new) if (run := end.origins.only_run) is not None)
    return both() if part.fetch_around(behind) else (old, new)


def _findings(old: _Read, new: _Read, *, ask_remote: bool) -> Iterator[Finding]:
    """Yield what is wrong with the head; what was already wrong before is only a note.

    Data missing from the cache of this very clone says nothing about the change.
    """
    found = new.findings(ask_remote=ask_remote)
    before: set[tuple[str, str, str]] = set()
    if any(one.mark == "wrong" for one in found):
        before = {
            (one.topic, one.subject, one.words)
            for one in old.findings(ask_remote=ask_remote)
            if one.mark == "wrong" and not _answers_for(one, old, new)
        }
    for one in found:
        if one.mark == "wrong" and (one.topic, one.subject, one.words) in before:
            yield replace(one, mark="note", words=f"as before the change: {one.words}")
        elif not (one.topic == "data" and one.mark == "note"):
            yield one
    for path in old.reading.problems:
        words = f"{path} cannot be read at the merge base, so nothing is compared with it"
        yield Finding("files", "note", words, path)
    yield from _settings_changed(old, new)


def _overtaken(new: _Read, record: RunRecord | None, ends: Ends) -> Iterator[Finding]:
    """Yield a note if fresh metrics will be stale once merged, because the base has moved."""
    fresh = [file for one in new.runs if one.fresh for file in one.files]
    if not fresh or ends.base in ("", ends.fork):
        return
    reading = new.reading
    inputs = ComparedInputs(reading.project, reading.revision, reading.declared)
    moved = inputs.moved_elsewhere(ends.fork, ends.base, record)
    if moved:
        words = (
            f"{named(moved)} changed on the base meanwhile, so these metrics will be stale after"
            " the merge; merge the base and run again to have them fresh"
        )
        yield Finding("freshness", "note", words, named(fresh))


def _any_repeats(project: Project, run: StoredRun | None) -> bool:
    """Return whether any two runs look alike, which the index knows."""
    return run is not None and project.runs.index.has_repeats(Likeness(project).alike)


def _samples(project: Project, repeated: Behind) -> Samples:
    if None in repeated:
        return {}
    from gitexp.inputs.repeats import samples  # noqa: PLC0415 - 5 ms, where runs repeat

    return samples(project, *repeated)


def _no_repeats(old: _Read, new: _Read, behind: Behind) -> Iterator[Finding]:
    """Yield why runs with other seeds, made since a result was committed, are no repeats of it."""
    for read, run in zip((old, new), behind, strict=True):
        if run is not None:
            from gitexp.inputs.no_repeats import no_repeats  # noqa: PLC0415 - 5 ms, where runs repeat

            words = no_repeats(new.reading.project, run, read.oid)
            if words:
                yield Finding("noise", "note", words, run.name)


def _said_of_run(record: RunRecord) -> Iterator[Finding]:
    """Yield what was expected of the run behind the head, and whether it gave the same again.

    That is the run's to say, so these are notes.
    """
    name, expected, verified = record.name, record.hypothesis, record.verified
    if expected is not None:
        words = f"'{name}' expected `{expected.expect}`: {expected.verdict or 'not judged'}"
        yield Finding("hypothesis", "note", words, name)
    if verified is not None:
        words = f"'{name}' was run again to verify it: {verified.answer.words}"
        yield Finding("verification", "note", words, name)


_WHAT_COUNTS = (
    *("params", "found_params", "metrics", "renamed_metrics", "not_inputs", "outputs"),
    *("stale_metrics", "metrics_rows", "plots", "track", "shared"),
)
"""The settings that say which files are inputs, and which metrics."""


def _settings_changed(old: _Read, new: _Read) -> Iterator[Finding]:
    """Yield how a change affects the way it is judged, and what it makes looser."""
    before, after = old.config, new.config
    changes = {
        "what is demanded": before.policy != after.policy or before.review != after.review,
        "which files count": any(
            getattr(before, name) != getattr(after, name) for name in _WHAT_COUNTS
        ),
    }
    what = [words for words, changed in changes.items() if changed]
    if not what:
        return
    metrics = {name for side in (old.side, new.side) for name in _metric_names(side)}
    for words in (
        f"the change is judged by its own {CONFIG_NAME}, which changes {listed(what)}",
        *loosened_rules(before.policy, after.policy, metrics),
        *loosened_changes(before.review, after.review),
    ):
        yield Finding("policy", "note", words, CONFIG_NAME)


def _metric_names(side: Side) -> Iterator[str]:
    for values in side.metrics.values():
        yield from flatten(values)


def _answers_for(finding: Finding, old: _Read, new: _Read) -> bool:
    """Return whether a change touches what was wrong before it, so that it may not stay so."""
    if finding.topic == "freshness":
        return _may_move_metrics(old, new)
    name = finding.subject
    if finding.topic in ("files", "conflicts"):
        return old.reading.revision.read(name) != new.reading.revision.read(name)
    return old.side.pointers.get(name) != new.side.pointers.get(name)


def _may_move_metrics(old: _Read, new: _Read) -> bool:
    """Return whether a change touches metrics, or anything that may decide them."""
    if old.side.metrics != new.side.metrics:
        return True
    reading = new.reading
    touched = differing(reading.project, old.oid, reading.revision)
    return any(may_decide(path, reading.declared, ()) for path in touched)


Behind = tuple[StoredRun | None, StoredRun | None]
"""The runs behind the old and the new side."""


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
