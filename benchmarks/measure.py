"""Times taken in turn, A B A B, so that a noisy machine is noisy for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_LOOK = 0.2
"""Seconds over which the processors are looked at."""
_BUSY = 25.0
"""Per cent from which on they are taken for busy with something else."""


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Subject:
    """What is timed, and what is done before each time without being timed."""

    run: Callable[[], object]
    before: Callable[[], object] = nothing


@dataclass(frozen=True)
class Samples:
    """The figures of all rounds, in their order."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The bounds of the middle half."""
        if len(self.values) < 2:  # noqa: PLR2004 - two points make a range
            return self.median, self.median
        lower, _, upper = statistics.quantiles(self.values, n=4, method="inclusive")
        return lower, upper

    def over(self, alone: Samples) -> Samples:
        """Return what each round cost beyond the same round of `alone`.

        >>> Samples((3.0, 5.0)).over(Samples((1.0, 2.0)))
        Samples(values=(2.0, 3.0))
        """
        pairs = zip(self.values, alone.values, strict=True)
        return Samples(tuple(mine - other for mine, other in pairs))


@dataclass(frozen=True)
class Rounds:
    """How often, and how long each round may wait for a moment in which nothing else runs."""

    count: int
    patience: float = 0.0
    """Seconds; a round whose patience is at an end is taken all the same."""

    def times(self, factor: int) -> Rounds:
        """Return more rounds, for what is short."""
        return Rounds(self.count * factor, self.patience / factor)

    def wait(self) -> None:
        """Wait for a calm moment."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end and psutil.cpu_percent(_LOOK) > _BUSY:
            pass


def alternate(rounds: Rounds, *subjects: Subject) -> list[Samples]:
    """Time the subjects in turn, after a round that warms up and is not counted."""
    times: list[list[float]] = [[] for _ in subjects]
    for number in range(rounds.count + 1):
        rounds.wait()
        for subject, taken in zip(subjects, times, strict=True):
            subject.before()
            started = time.perf_counter()
            subject.run()
            ended = time.perf_counter()
            if number:
                taken.append(ended - started)
    return [Samples(tuple(taken)) for taken in times]
