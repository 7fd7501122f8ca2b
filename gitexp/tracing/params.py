"""Which of the params that two runs differ in moved a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from msgspec import Struct

from gitexp.comparison.ranking import ruled
from gitexp.errors import GitexpError
from gitexp.execution.run import Way, execute
from gitexp.inputs.compared import ComparedInputs
from gitexp.inputs.repeats import repeats_of
from gitexp.inputs.seeds import seed_key
from gitexp.model.identical import identical
from gitexp.model.made_by import BISECTED
from gitexp.model.policy import Rule
from gitexp.model.record import NO_FILES, Documents
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.rerunning.original import Original, read_original
from gitexp.rerunning.rerun import Wanted, prepared
from gitexp.review.statistics import Sample
from gitexp.revisions.revision import run_revision
from gitexp.revisions.roles import Declared
from gitexp.store.selectors import get_run
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.bisect import ends_of
from gitexp.tracing.delta import ddmin
from gitexp.tracing.ends import check_apart
from gitexp.tracing.known import metric_among, taken
from gitexp.tracing.odds import Ends
from gitexp.tracing.param_changes import ParamChange, changed, changes_of, key_of
from gitexp.tracing.step import Step
from gitexp.tracing.trials import Stopped

_MOST_REPEATS = 5
"""How often the same params are run until it is clear which end they are like."""
_MOST_KNOWN = 1000

Tell = Callable[[str], None]


class Tried(Struct, frozen=True):
    """What some of the changes came to."""

    changes: Sequence[ParamChange]
    values: Sequence[float]
    is_bad: bool | None
    """None if it cannot be told."""
    runs: Sequence[StoredRun]
    why: str = ""


class Culprits(Struct, frozen=True):
    """The params that did it."""

    metric: str
    changes: Sequence[ParamChange]
    ends: Ends
    moved: Sample
    """What the good run came to with these changes alone."""
    good: StoredRun
    last: StoredRun | None
    """A run of the good one with these changes alone."""
    made: int
    differed: int
    """How many params differ in all."""

    @property
    def change(self) -> float:
        """How far these changes alone move the metric."""
        return self.moved.mean - self.ends.good.mean


class ParamSearch:
    """Looks for the params; whatever it runs is recorded, and known the next time."""

    def __init__(
        self, project: Project, metric: str, good: str, bad: str, step: Step, confidence: float
    ) -> None:
        self._project, self._step = project, step
        self.good, self.bad = get_run(project.runs, good), get_run(project.runs, bad)
        self._sure = math.log(confidence / (1 - confidence))
        self._is_seed = project.config.review.is_seed
        found = metric_among([self.good, self.bad], metric)
        if found is None:
            raise GitexpError(f"neither '{self.good.name}' nor '{self.bad.name}' has '{metric}'")
        self.metric = found
        self.changes = list(
            changes_of(self.good.record.params, self.bad.record.params, self._is_seed)
        )
        if not self.changes:
            raise GitexpError(
                f"'{self.good.name}' and '{self.bad.name}' differ in no param of a file",
                f"`gitexp diff {self.good.name} {self.bad.name}` says what they differ in.",
            )
        sides = [self._values([run, *repeats_of(project, run).others()]) for run in self._named]
        rule = ruled(project.config.policy, found) or Rule()
        for run, side in zip(self._named, sides, strict=True):
            if not side:
                raise GitexpError(f"run '{run.name}' has no number '{found}'")
        check_apart(found, sides[0], sides[1], rule)
        self._ends = ends_of(sides[0], sides[1], rule.tolerance)
        self._tried: dict[frozenset[str], Tried] = {}
        self.made = 0

    @property
    def _named(self) -> tuple[StoredRun, StoredRun]:
        return self.good, self.bad

    def find(self, told: Callable[[int, Tried], None], tell: Tell) -> Culprits:
        """Find the params; raises GitexpError if they alone do not do it."""
        original = read_original(self._project, self.good, may_lack=self._step.copied)

        def test(changes: Sequence[ParamChange]) -> bool | None:
            return self._test(original, changes, told).is_bad

        if self._has_other_code():
            tell("note: more than params differ, so all of them are tried on the good run first")
            if not test(self.changes):
                raise GitexpError(
                    "the params alone do not move it: "
                    f"{self._tried[key_of(self.changes)].why or 'it stays as in the good run'}",
                    "Look for a commit: `gitexp bisect` without `--params`.",
                )
        else:
            known = Tried(self.changes, self._ends.bad.values, True, [self.bad])
            self._tried[key_of(self.changes)] = known
        left = ddmin(self.changes, test)
        tried = self._test(original, left, told)
        last = tried.runs[-1] if tried.runs else None
        moved = Sample(tuple(tried.values))
        counts = self.made, len(self.changes)
        return Culprits(self.metric, left, self._ends, moved, self.good, last, *counts)

    def _has_other_code(self) -> bool:
        project = self._project
        if self.good.record.command != self.bad.record.command:
            return True
        declared = Declared(project, project.pipeline)
        compared = ComparedInputs(project, run_revision(project, self.bad), declared)
        found = compared.with_run(self.good, self.good.record)
        return bool(found.paths or found.data or found.extra)

    def _test(
        self,
        original: Original,
        changes: Sequence[ParamChange],
        told: Callable[[int, Tried], None],
    ) -> Tried:
        key = key_of(changes)
        if key in self._tried:
            return self._tried[key]
        runs = self._known(changes)
        while (found := self._judged(changes, runs)).is_bad is None and not found.why:
            runs.append(self._make(original, changes, runs))
            self.made += 1
            told(self.made, self._judged(changes, runs))
        self._tried[key] = found
        return found

    def _judged(self, changes: Sequence[ParamChange], runs: Sequence[StoredRun]) -> Tried:
        """Return which end some runs are like; with a reason if more of them would not say."""
        values = self._values(runs)
        silent = next(filter(None, (taken(run, self.metric).why for run in runs)), "")
        evidence = sum(map(self._ends.evidence, values))
        is_bad = evidence > 0 if abs(evidence) >= self._sure else None
        if is_bad is None and len(runs) >= _MOST_REPEATS:
            silent = silent or "it lies between both ends"
        return Tried(changes, values, is_bad, tuple(runs), silent if is_bad is None else "")

    def _values(self, runs: Sequence[StoredRun]) -> list[float]:
        found = (taken(run, self.metric).value for run in runs)
        return [value for value in found if value is not None]

    def _known(self, changes: Sequence[ParamChange]) -> list[StoredRun]:
        """Return the reruns of the good run with just these changes."""
        wanted = self._flat(changed(self.good.record.params, changes))
        index, good = self._project.runs.index, self.good.record
        found = []
        for run in index.last_on(good.baseline, self._project.folder, limit=_MOST_KNOWN):
            try:
                record = run.record
            except UnreadableRecord:  # of a newer gitexp
                continue
            is_rerun = record.extra.get("rerun_of") == good.id and record.status != "interrupted"
            if is_rerun and identical(self._flat(record.params), wanted):
                found.append(run)
        return found[::-1]

    def _flat(self, params: Documents) -> dict[str, object]:
        return {
            f"{file}:{name}": value
            for file, values in params.items()
            if file not in NO_FILES
            for name, value in flatten(values).items()
            if not self._is_seed(name)
        }

    def _make(
        self, original: Original, changes: Sequence[ParamChange], runs: Sequence[StoredRun]
    ) -> StoredRun:
        overrides = [one.override for one in changes]
        seed = seed_key(self.good.record.params, (), self._is_seed)
        if runs and seed is not None:
            overrides.append(f"{seed.override}={_new_seed(seed.name, runs)}")
        wanted = Wanted(
            tuple(overrides),
            message=f"bisect {self.metric}: params of {self.bad.name}",
            tags=(BISECTED,),
            timeout=self._step.timeout,
            allow_secrets=self._step.allow_secrets,
            copied=self._step.copied,
        )
        with prepared(self._project, original, wanted, _nothing) as (copy, plan):
            run = execute(copy, plan, _nothing, Way(shown=False)).run
        self._project.runs.look_again()
        if run.record.status == "interrupted" and run.record.exit.reason != "timeout":
            raise Stopped
        return run


def _new_seed(name: str, runs: Sequence[StoredRun]) -> int:
    used = {
        value
        for run in runs
        for values in run.record.params.values()
        for key, value in flatten(values).items()
        if key == name
    }
    return next(one for one in range(len(used) + 1) if one not in used)


def _nothing(_: str) -> None:
    """Pass over notes on the runs: `gitexp show` has what matters."""
