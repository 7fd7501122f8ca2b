"""A bisection from what was typed to what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from gitexp.comparison.ranking import ruled
from gitexp.errors import GitexpError
from gitexp.model.message import numbers_by_name
from gitexp.model.policy import Rule
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.bisect import (
    Bisection,
    Found,
    Settings,
    Told,
    ends_of,
    most_runs,
    runs_needed,
)
from gitexp.tracing.command import command_for
from gitexp.tracing.ends import (
    End,
    check_apart,
    counted_end,
    known_good,
    named_end,
    read_end,
    said_of,
)
from gitexp.tracing.known import Taken, metric_among, taken
from gitexp.tracing.odds import Ends
from gitexp.tracing.step import Step
from gitexp.tracing.suspects import suspects_between
from gitexp.tracing.trials import Trials
from gitexp.tracing.twins import Twins

Tell = Callable[[str], None]

_SIDES = ("good", "bad")


class Asked(Struct, frozen=True):
    """What a person wants."""

    metric: str
    good: str | None
    bad: str
    step: Step
    """Its command is empty if none was typed."""
    settings: Settings
    first_parent: bool = False


class Search:
    """Looks for the commit."""

    def __init__(self, project: Project, asked: Asked, tell: Tell) -> None:
        self._project, self._asked, self._tell = project, asked, tell
        bad = named_end(project, asked.bad)
        good = named_end(project, asked.good) if asked.good is not None else None
        chosen = command_for(project, asked.step.command.words, asked.metric, good, bad)
        self.trials = Trials(project, chosen, asked.step, asked.metric, tell)
        self._is_noise_said = False
        if good is None:
            good = known_good(project, bad, chosen.command, asked.metric)
            tell(f"note: the good end is {good.label}, the last that has another '{asked.metric}'")
        self._ends = good, bad
        self.suspects = suspects_between(
            project, good.commit, bad.commit, first_parent=asked.first_parent
        )

    def _rule(self, metric: str) -> Rule:
        return ruled(self._project.config.policy, metric) or Rule()

    def needed(self) -> tuple[int, int, int, int, int]:
        """Return how many commits there are, how many may be it, and how many runs they take.

        Those are the runs if each says clearly which side it is on, those that are made at most,
        and the commits with some already.
        """
        ends = [end for end in self._ends if not self.trials.known_of(end)]
        known = sum(bool(self.trials.known(oid)) for oid in self.suspects.commits[:-1])
        asked, suspects = self._asked.settings.most, self.suspects
        most = most_runs(suspects) if asked is None else asked
        counts = len(suspects.commits), suspects.able.bit_count()
        return *counts, runs_needed(suspects) + len(ends), most + len(ends), known

    def find(self, told: Callable[[Told], None]) -> tuple[str, Found]:
        """Find the commit; return the whole name of the metric, and what came out."""
        asked, suspects = self._asked, self.suspects
        good, bad = (list(self.trials.known_of(end)) for end in self._ends)
        pairs = zip(self._ends, (good, bad), strict=True)
        called = [counted_end(end, runs, self._tell) for end, runs in pairs]
        for end, runs in zip(called, (good, bad), strict=True):
            if not runs:
                self._tell(f"running {end.label}, of which no run is known")
                runs.extend(self.trials.made([(end.commit, [])]))
        metric = self._metric([*good, *bad])
        sides = [
            self._read(end, runs, metric) for end, runs in zip(self._ends, (good, bad), strict=True)
        ]
        values = [[one.value for one in side if one.value is not None] for side in sides]
        rule = self._rule(metric)
        check_apart(metric, values[0], values[1], rule)
        ends = ends_of(values[0], values[1], rule.tolerance)
        for side, end, sample in zip(_SIDES, called, (ends.good, ends.bad), strict=True):
            self._tell(f"{side}: {said_of(sample)} ({end.label})")
        twins = Twins(sides[0], sides[1], self._project.config.review.is_seed)
        known = {
            at: twins.marked([taken(run, metric) for run in self.trials.known(oid)])
            for at, oid in enumerate(suspects.commits[:-1])
            if self.trials.known(oid)
        }
        bisection = Bisection(suspects, ends, known, asked.settings)

        def read(chosen: Sequence[int]) -> Sequence[Taken]:
            read = twins.marked(self.trials.taken([suspects.commits[at] for at in chosen], metric))
            self._say_noise_unknown(ends, read)
            return read

        return metric, bisection.find(read, told)

    def _say_noise_unknown(self, ends: Ends, read: Sequence[Taken]) -> None:
        """Say once what would help, where one reading of each end is all there is to go by."""
        lies_between = any(one.value is not None and one.like is None for one in read)
        if lies_between and len(ends.good.values) == len(ends.bad.values) == 1:
            if not self._is_noise_said:
                self._tell(
                    "note: one run of each end does not say how large noise is; "
                    "repeats of both would (`gitexp run --repeat 5`)"
                )
            self._is_noise_said = True

    def ends(self) -> tuple[End, End]:
        """Return the good end and the bad one."""
        return self._ends

    def runs_of(self, end: End) -> Sequence[StoredRun]:
        """Return the runs of an end that are known by now, the one that was named first."""
        known = self.trials.known_of(end)
        return sorted(known, key=lambda run: end.run is None or run.id != end.run.id)

    def subject(self, at: int) -> str:
        """Return the subject of a commit."""
        options = ("-1", "--format=%s")
        return self._project.repository.line("log", *options, self.suspects.commits[at], "--")

    def _metric(self, runs: Sequence[StoredRun]) -> str:
        done = [run for run in runs if run.record.status == "done"] or runs
        metric = metric_among(done, self._asked.metric)
        if metric is None:
            names = ", ".join(sorted({n for run in done for n in _names(run)})[:5])
            raise GitexpError(
                f"no run of the two ends has a metric '{self._asked.metric}'",
                f"They have {names}." if names else "They have no metrics at all.",
            )
        return metric

    def _read(self, end: End, runs: Sequence[StoredRun], metric: str) -> Sequence[Taken]:
        return read_end(
            end,
            [taken(run, metric) for run in runs],
            lambda: self.trials.taken([end.commit], metric)[0],
        )


def _names(run: StoredRun) -> Mapping[str, object]:
    return numbers_by_name(run.record.metrics)
