"""The review of a change: both ends read, compared, judged, and the run behind it found."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from gitexp.checking.check import check_subject
from gitexp.checking.freshness import read_freshness
from gitexp.checking.subject import Subject, differing
from gitexp.code_changes import CodeDiff
from gitexp.comparison.diff import Side, diff_sides, is_number
from gitexp.comparison.query.run_values import flat_values
from gitexp.config import CONFIG_NAME, Config
from gitexp.execution.deciding import may_decide
from gitexp.execution.declared import Declared
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.pull_requests.ends import Ends
from gitexp.pull_requests.samples import samples
from gitexp.review.checks import Finding
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Verdict
from gitexp.review.review import Course, End, Review, main_metrics
from gitexp.review.verdict import judge
from gitexp.revisions import Revision, environment_of
from gitexp.side_files import SideFiles, commit_files, config_of, pipeline_of, side_of
from gitexp.store.reading import StoredRun

_CHARTS = 3
_CHARTED = 40
"""How many runs a chart shows, the newest."""


def make_review(project: Project, ends: Ends, *, ask_remote: bool) -> Review:
    """Judge the step from the merge base to the head by the policy that the head has."""
    base = End(f"merge base {ends.fork[:10]}", ends.fork)
    head = End(ends.head_label, ends.head)
    old, new = _Read(project, base), _Read(project, head)
    runs = new.freshness() if project.runs.tip is not None else ()
    behind = _behind(project, old, runs)
    sides = _with_environments(project, old.side, new.side, behind)
    policy, rules = new.config.policy, new.config.review
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        before, after = Revision(sides[0], base.oid), Revision(sides[1], head.oid)
        code = CodeDiff.of(project, before, after, Path(scratch)).changes()
    verdict = judge(*sides, policy, rules, code=code, samples=samples(project, *behind))
    return Review(
        project=project.folder,
        base=base,
        head=head,
        verdict=verdict,
        diff=diff_sides(*sides, code, policy),
        findings=tuple(_findings(old, new, ask_remote=ask_remote)),
        runs=runs,
        courses=tuple(_courses(project, new.config, verdict, runs)),
    )


class _Read:
    """One end, read as it stands."""

    def __init__(self, project: Project, end: End) -> None:
        self.project = project
        self.end = end
        self.files: SideFiles = commit_files(project, end.oid, end.label)
        self.config: Config = config_of(project, self.files)
        self.side: Side = side_of(project, self.config, self.files)
        self.subject = Subject(self.files, end.oid, is_commit=True)

    def freshness(self) -> tuple[Freshness, ...]:
        """Return of each metrics file which run it is of."""
        pipeline = pipeline_of(self.project, self.files)
        return read_freshness(self.project, self.subject, self.side, pipeline)

    def findings(self, *, ask_remote: bool) -> tuple[Finding, ...]:
        """Return what a check of this end says."""
        return check_subject(self.project, self.subject, ask_remote=ask_remote).findings


def _findings(old: _Read, new: _Read, *, ask_remote: bool) -> Iterator[Finding]:
    """Yield what is wrong with the head, and not what was so before: that is a note.

    What the policy says is left to the verdict; that data is not in the cache of this very
    clone says nothing of the change.
    """
    found = [one for one in new.findings(ask_remote=ask_remote) if one.topic != "policy"]
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
    if old.config.policy != new.config.policy or old.config.review != new.config.review:
        words = f"the change is judged by its own {CONFIG_NAME}, which changes what is demanded"
        yield Finding("policy", "note", words, CONFIG_NAME)


def _answers_for(finding: Finding, old: _Read, new: _Read) -> bool:
    """Tell whether a change touches what was wrong before it, so that it may not stay so."""
    if finding.topic == "freshness":
        return _may_move_metrics(old, new)
    name = finding.subject
    return old.side.pointers.get(name) != new.side.pointers.get(name)


def _may_move_metrics(old: _Read, new: _Read) -> bool:
    """Tell whether a change touches metrics, or anything that may decide them."""
    if old.side.metrics != new.side.metrics:
        return True
    declared = Declared(new.project, pipeline_of(new.project, new.files))
    touched = differing(new.project, old.end.oid, new.subject)
    return any(may_decide(path, declared, ()) for path in touched)


Behind = tuple[StoredRun | None, StoredRun | None]
"""The runs behind the old and the new side."""


def _behind(project: Project, old: _Read, runs: tuple[Freshness, ...]) -> Behind:
    run = _only_run(project, runs)
    return (None if run is None else _only_run(project, old.freshness())), run


def _with_environments(project: Project, old: Side, new: Side, behind: Behind) -> tuple[Side, Side]:
    """Return both sides with the environments of the runs behind them, where both have one."""
    before, after = behind
    if before is None or after is None:
        return old, new
    return (
        replace(old, environment=_environment(project, before)),
        replace(new, environment=_environment(project, after)),
    )


def _only_run(project: Project, runs: Iterable[Freshness]) -> StoredRun | None:
    ids = {one.run_id for one in runs if one.run_id is not None}
    if len(ids) != 1:
        return None
    found = project.runs.index.named(ids.pop(), project.folder)
    return found[0] if len(found) == 1 else None


def _environment(project: Project, run: StoredRun) -> dict[str, str] | None:
    return environment_of(project, run.oid, run.record)


def _courses(
    project: Project, config: Config, verdict: Verdict, runs: Iterable[Freshness]
) -> Iterator[Course]:
    """Yield how the main metrics moved over the newest runs."""
    if project.runs.tip is None:
        return
    ruled = [one.change.name for one in verdict.metrics if config.policy.rule(one.change.name)]
    names = main_metrics(verdict, ruled, _CHARTS)
    ids = {one.run_id for one in runs}
    measured = list(_measured(project.runs.index.runs(project.folder, limit=_CHARTED)))[::-1]
    for name in names:
        points = [
            (run_id, float(value))
            for run_id, metrics in measured
            if is_number(value := metrics.get(name)) and _is_drawable(value)
        ]
        if len(points) > 1:
            at = next((place for place, (one, _) in enumerate(points) if one in ids), None)
            values = tuple(value for _, value in points)
            yield Course(name, values, _base_value(verdict, name), at)


def _measured(runs: Iterable[StoredRun]) -> Iterator[tuple[str, dict[str, Value]]]:
    """Yield the ids of runs with their metrics by flat name."""
    for run in runs:
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            yield run.id, flat_values(run.record.metrics)


def _is_drawable(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond what a float can hold
        return False


def _base_value(verdict: Verdict, name: str) -> float | None:
    old = next((one.change.old for one in verdict.metrics if one.change.name == name), None)
    return float(old) if is_number(old) and _is_drawable(old) else None
