"""How far a sweep has come: counts, the time that is left, the best points."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from gitexp.comparison.front import pareto_front
from gitexp.review.statistics import Sample, sample
from gitexp.sweep.importance import Importance
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.lacking import lacking
from gitexp.sweep.point import Spot
from gitexp.sweep.sweep import Sweep

_LAST = 20
"""Runs whose median says how long the next one takes."""

Outcome = Literal["done", "failed", "pruned", "stopped"]


class Progress(Struct, frozen=True):
    """A sweep at one moment, as one call sees it."""

    sweep: Sweep
    points: int
    """How many are wanted."""
    known: Known
    agents: int = 0
    """How many of this call are at work."""
    seconds: float = 0.0
    """Since the call began."""
    idle: float = 0.0
    """For how much of the time, from 0 to 1, its agents had no run to make."""
    workers: tuple[tuple[int, int], ...] = ()
    """Which agent each process of this call is: pid and number."""
    is_stopping: bool = False
    is_ended: bool = False
    """Whether a person has ended it for good, with points left."""
    importance: Importance | None = None
    """How much each axis mattered, at the end, if that can be said."""
    why_unsaid: str = ""
    """Why it cannot, where that is asked for."""
    stopped_by_failures: bool = False
    """Whether no further run is started because too many failed."""
    engine: str | None = None
    """What the runs are made by, at the end, if that is said on the command line."""
    metrics: tuple[str, ...] = ()
    """Those that there are, at the end, if the runs lack one that the sweep is after."""

    @property
    def runs(self) -> int:
        """How many runs are wanted."""
        return self.points * self.sweep.repeats

    @property
    def settled(self) -> list[Settled]:
        """The runs that count, as far as they are wanted, by point."""
        known = self.known.settled
        return [known[spot] for spot in sorted(known) if spot.number < self.points]

    @property
    def given_up(self) -> list[Spot]:
        """The spots that were lost too often."""
        return [spot for spot in sorted(self.known.lost) if self.known.is_given_up(spot)]

    @property
    def left(self) -> int:
        """How many runs are neither settled nor given up."""
        return self.runs - len(self.settled) - len(self.given_up)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.left <= 0

    @property
    def lacking(self) -> tuple[str, ...]:
        """The metrics that the sweep is after and no run that is done has."""
        return lacking(self.sweep, self.known.settled.values())

    def count(self, outcome: Outcome) -> int:
        """Return how many runs of this sweep have ended so."""
        return sum(outcome_of(one) == outcome and not one.covered for one in self.settled)

    @property
    def without_result(self) -> list[Settled]:
        """The runs that ended well without a metric that the sweep is after."""
        return [one for one in self.settled if one.status == "done" and not one.has_result]

    @property
    def covered(self) -> int:
        """How many spots were settled by runs that were there before."""
        return sum(one.covered for one in self.settled)

    @property
    def eta(self) -> float | None:
        """Seconds until the end, if runs go on to take as long as the last ones."""
        last = sorted(self.settled, key=lambda one: one.ended)[-_LAST:]
        own = [one.seconds for one in last if not one.covered]
        if not own or not self.agents or self.is_done:
            return None
        return statistics.median(own) * self.left / self.agents


def outcome_of(one: Settled) -> Outcome:
    """Return how a run ended, in a word."""
    if one.status == "done":
        return "done"
    if one.reason == "stopped":
        return "stopped"
    return "pruned" if one.reason == "pruned" else "failed"


class Ranked(Struct, frozen=True):
    """A point that has all metrics which a sweep is after: its repeats, taken together."""

    runs: tuple[Settled, ...]
    """The repeats that have them, the first one first."""
    objectives: tuple[Sample, ...]
    """The metrics over these repeats, in the order of the sweep."""

    @property
    def first(self) -> Settled:
        """The run that stands for the point."""
        return self.runs[0]

    @property
    def seconds(self) -> float:
        """How long a repeat took, on average."""
        return statistics.fmean(one.seconds for one in self.runs)


def ranked(sweep: Sweep, settled: Iterable[Settled]) -> list[Ranked]:
    """Return the points with all metrics that the sweep is after, by their means, the best first.

    With several metrics these are the ones that no other point beats in every respect, by the
    first.
    """
    goals = [one.goal for one in sweep.objectives]
    if not goals:
        return []
    repeats: dict[int, list[Settled]] = {}
    for one in sorted(settled, key=lambda one: one.spot):
        if one.status == "done" and is_measured(one, sweep):
            repeats.setdefault(one.spot.number, []).append(one)
    points = {number: _together(runs) for number, runs in repeats.items()}
    means = {number: [one.mean for one in found.objectives] for number, found in points.items()}
    if len(goals) > 1:
        return [points[number] for number in pareto_front(means, goals)]
    sign = 1 if goals[0] == "min" else -1
    return [points[number] for number in sorted(means, key=lambda number: sign * means[number][0])]


def is_measured(one: Settled, sweep: Sweep) -> bool:
    """Return whether a run has a number, which may be infinite, for each metric of a sweep."""
    missing = any(value is None or math.isnan(value) for value in one.objectives)
    return len(one.objectives) == len(sweep.objectives) and not missing


def _together(runs: Sequence[Settled]) -> Ranked:
    columns = zip(*(one.objectives for one in runs), strict=True)
    samples = (sample(value for value in column if value is not None) for column in columns)
    return Ranked(tuple(runs), tuple(samples))
