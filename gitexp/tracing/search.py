"""A bisection from what was typed to what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.ranking import ruled
from gitexp.errors import GitexpError
from gitexp.execution.run import RunNotRecorded
from gitexp.model.message import numbers_by_name
from gitexp.model.policy import Rule
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.beside import run_beside
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
    alike_before,
    check_apart,
    counted_end,
    known_good,
    named_end,
    read_end,
    said_of,
)
from gitexp.tracing.known import Taken, metric_among, runs_at, taken
from gitexp.tracing.odds import Ends
from gitexp.tracing.step import Step, make_run, with_other_seed
from gitexp.tracing.suspects import suspects_between
from gitexp.tracing.twins import Twins

Tell = Callable[[str], None]

_SIDES = ("good", "bad")
_LATE = 1.0
"""Seconds by which a command may end before its time is up, as clocks have it."""


class Stopped(Exception):
    """Somebody stopped a run, and so the search."""


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
    """Looks for the commit; whatever it runs is recorded, and known the next time."""

    def __init__(self, project: Project, asked: Asked, tell: Tell) -> None:
        self._project, self._asked, self._tell = project, asked, tell
        bad = named_end(project, asked.bad)
        good = named_end(project, asked.good) if asked.good is not None else None
        self._chosen = command_for(project, asked.step.command.words, asked.metric, good, bad)
        self._command, self._is_said = self._chosen.command, False
        self._is_noise_said = False
        if good is None:
            good = known_good(project, bad, self._command, asked.metric)
            tell(f"note: the good end is {good.label}, the last that has another '{asked.metric}'")
        self._ends = good, bad
        self.suspects = suspects_between(
            project, good.commit, bad.commit, first_parent=asked.first_parent
        )
        self._runs: dict[str, list[StoredRun]] = {}

    def _rule(self, metric: str) -> Rule:
        return ruled(self._project.config.policy, metric) or Rule()

    def needed(self) -> tuple[int, int, int, int, int]:
        """Return how many commits there are, how many may be it, and how many runs they take.

        Those are the runs if each says clearly which side it is on, those that are made at most,
        and the commits with some already.
        """
        ends = [end for end in self._ends if not self._known_of(end)]
        known = sum(bool(self._known(oid)) for oid in self.suspects.commits[:-1])
        asked, suspects = self._asked.settings.most, self.suspects
        most = most_runs(suspects) if asked is None else asked
        counts = len(suspects.commits), suspects.able.bit_count()
        return *counts, runs_needed(suspects) + len(ends), most + len(ends), known

    def find(self, told: Callable[[Told], None]) -> tuple[str, Found]:
        """Find the commit; return the whole name of the metric, and what came out."""
        asked, suspects = self._asked, self.suspects
        good, bad = (list(self._known_of(end)) for end in self._ends)
        pairs = zip(self._ends, (good, bad), strict=True)
        called = [counted_end(end, runs, self._tell) for end, runs in pairs]
        for end, runs in zip(called, (good, bad), strict=True):
            if not runs:
                self._tell(f"running {end.label}, of which no run is known")
                runs.extend(self._made([(end.commit, [])]))
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
            at: twins.marked([taken(run, metric) for run in self._known(oid)])
            for at, oid in enumerate(suspects.commits[:-1])
            if self._known(oid)
        }
        bisection = Bisection(suspects, ends, known, asked.settings)

        def read(chosen: Sequence[int]) -> Sequence[Taken]:
            read = twins.marked(self._taken([suspects.commits[at] for at in chosen], metric))
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

    def say_command(self) -> None:
        """Say once what is run, if nobody typed it."""
        if not self._is_said:
            self._is_said = True
            self._chosen.say(self._project, self._tell)

    def ends(self) -> tuple[End, End]:
        """Return the good end and the bad one."""
        return self._ends

    def runs_of(self, end: End) -> Sequence[StoredRun]:
        """Return the runs of an end that are known by now, the one that was named first."""
        known = self._known_of(end)
        return sorted(known, key=lambda run: end.run is None or run.id != end.run.id)

    def subject(self, at: int) -> str:
        """Return the subject of a commit."""
        options = ("-1", "--format=%s")
        return self._project.repository.line("log", *options, self.suspects.commits[at], "--")

    def _known(self, oid: str) -> Sequence[StoredRun]:
        if oid not in self._runs:
            found = runs_at(self._project, oid, self._command)
            self._runs[oid] = [run for run in found if not self._may_do_now(run)]
        return self._runs[oid]

    def _may_do_now(self, run: StoredRun) -> bool:
        """Return whether a run took too long that has more time now."""
        limit = self._asked.step.timeout
        is_cut = run.record.status == "interrupted"
        return is_cut and (limit is None or run.record.duration < limit - _LATE)

    def _known_of(self, end: End) -> Sequence[StoredRun]:
        """Return the runs of an end, and of the commits before it with the same inputs."""
        alike = alike_before(self._project, end.commit)
        return [run for oid in alike for run in self._known(oid)]

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
            lambda: self._taken([end.commit], metric)[0],
        )

    def _taken(self, oids: Sequence[str], metric: str) -> Sequence[Taken]:
        """Run commits, and return what the runs say."""
        wanted = [(oid, self._known(oid)) for oid in oids]
        return [
            Taken(None, None, str(one)) if isinstance(one, GitexpError) else taken(one, metric)
            for one in self._tried(wanted)
        ]

    def _made(self, wanted: Sequence[tuple[str, Sequence[StoredRun]]]) -> list[StoredRun]:
        """Run commits; raise what is wrong where one cannot be run."""
        made: list[StoredRun] = []
        for one in self._tried(wanted):
            if isinstance(one, GitexpError):
                raise one
            made.append(one)
        return made

    def _tried(
        self, wanted: Sequence[tuple[str, Sequence[StoredRun]]]
    ) -> list[StoredRun | GitexpError]:
        self.say_command()
        steps = [(oid, self._step(oid, runs)) for oid, runs in wanted]
        found: list[StoredRun | GitexpError] = []
        if len(steps) == 1:
            found.append(self._here(*steps[0]))
            self._project.runs.look_again()
        else:
            with ThreadPoolExecutor(len(steps)) as pool:
                ended = list(pool.map(lambda one: run_beside(self._project, *one), steps))
            self._project.runs.look_again()
            found += [self._recorded(one) for one in ended]
        for (oid, _), run in zip(steps, found, strict=True):
            if isinstance(run, GitexpError):
                continue
            if run.record.status == "interrupted" and run.record.exit.reason != "timeout":
                raise Stopped
            self._runs.setdefault(oid, []).append(run)
        return found

    def _step(self, oid: str, runs: Sequence[StoredRun]) -> Step:
        message = f"bisect {self._asked.metric}: {oid[:10]}"
        step = replace(self._asked.step, command=self._command, message=message)
        return with_other_seed(self._project, oid, step, runs) if runs else step

    def _here(self, oid: str, step: Step) -> StoredRun | GitexpError:
        try:
            return make_run(self._project, oid, step, _nothing)
        except RunNotRecorded:  # nothing else would be, either
            raise
        except GitexpError as error:  # no such program yet, or data that is gone
            return GitexpError(str(error), error.hint)  # without what its traceback holds open

    def _recorded(self, ended: str | GitexpError) -> StoredRun | GitexpError:
        """Return the run that another process has recorded."""
        if isinstance(ended, GitexpError):
            return ended
        return self._project.runs.index.named(ended, self._project.folder)[0]


def _names(run: StoredRun) -> Mapping[str, object]:
    return numbers_by_name(run.record.metrics)


def _nothing(_: str) -> None:
    """Pass over notes on the runs: `gitexp show` has what matters."""
