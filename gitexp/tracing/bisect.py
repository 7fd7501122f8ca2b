"""Finding the commit that moved a metric: by what is known, and by as few runs as will do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from gitexp.review.statistics import Sample
from gitexp.store.stored_run import StoredRun
from gitexp.tracing.known import Taken
from gitexp.tracing.odds import Ends, Odds, Readings
from gitexp.tracing.suspects import Suspects

Read = Callable[[Sequence[int]], Sequence[Taken]]
"""Runs commits, by their numbers, and returns what each run says."""


class Settings(Struct, frozen=True):
    """How sure to be, and at what cost."""

    confidence: float = 0.95
    most: int | None = None
    """The most runs to make."""
    jobs: int = 1


class Told(Struct, frozen=True):
    """What is said of one reading."""

    number: int
    at: int
    taken: Taken
    is_bad: float
    left: int
    """How many commits may still be it."""


class Found(Struct, frozen=True):
    """What a bisection came to."""

    suspects: Suspects
    ends: Ends
    likely: Sequence[int]
    """The commits that make up the confidence, the likeliest first: one, if all went well."""
    chance: float
    """How likely the first of them is."""
    readings: Mapping[int, Sequence[Taken]]
    made: int
    """How many runs were made for it."""
    is_over: bool
    """Whether no other run would say more; else there were too many already."""
    odds: Sequence[float]
    """How likely each commit is."""


def runs_needed(suspects: Suspects) -> int:
    """Return how many runs it takes if each says clearly on which side it is."""
    count = suspects.able.bit_count()
    return max(0, math.ceil(math.log2(count))) if count else 0


def most_runs(suspects: Suspects) -> int:
    """Return how many runs are made at most, unless somebody says otherwise."""
    return 2 * runs_needed(suspects) + 8


class Bisection:
    """Takes readings until one commit is likely enough."""

    def __init__(
        self,
        suspects: Suspects,
        ends: Ends,
        known: Mapping[int, Sequence[Taken]],
        settings: Settings,
    ) -> None:
        self._suspects, self._ends, self._settings = suspects, ends, settings
        self._readings = {at: list(some) for at, some in known.items()}

    def odds(self) -> Odds:
        """Return what is likely by now."""
        values = {
            at: [one.value for one in some if one.value is not None]
            for at, some in self._readings.items()
        }
        like = {
            at: [one.like for one in some if one.like is not None]
            for at, some in self._readings.items()
        }
        suspects = self._suspects
        return Odds(Readings(suspects.reach, suspects.able, values, like), self._ends)

    def find(self, read: Read, tell: Callable[[Told], None]) -> Found:
        """Have commits read until it is found, or nothing more can be said."""
        made, settings = 0, self._settings
        most = most_runs(self._suspects) if settings.most is None else settings.most
        odds = self.odds()
        while True:
            chosen = odds.next_ones(self._allowed, settings.confidence, settings.jobs)
            if not chosen or made >= most:
                return self._found(odds, made, is_over=not chosen)
            chosen = chosen[: most - made]
            for at, one in zip(chosen, read(chosen), strict=True):
                self._readings.setdefault(at, []).append(one)
                made += 1
                odds = self.odds()
                left = len(odds.likely(settings.confidence))
                tell(Told(made, at, one, odds.is_bad(at), left))

    @property
    def _allowed(self) -> list[int]:
        """The commits that may be read: those that said nothing are not asked again."""
        silent = {
            at for at, some in self._readings.items() if any(one.value is None for one in some)
        }
        last = len(self._suspects.commits) - 1
        return [at for at in range(last) if at not in silent]

    def _found(self, odds: Odds, made: int, *, is_over: bool) -> Found:
        likely = odds.likely(self._settings.confidence)
        return Found(
            self._suspects,
            odds.ends,
            likely,
            odds.chances[likely[0]],
            {at: tuple(some) for at, some in self._readings.items()},
            made,
            is_over,
            odds.chances,
        )


def ends_of(good: Sequence[float], bad: Sequence[float], tolerance: float) -> Ends:
    """Return the two ends, of which each was read once at least."""
    return Ends(Sample(tuple(good)), Sample(tuple(bad)), tolerance)


def nearest(found: Found, *, bad: bool) -> StoredRun | None:
    """Return the run that stands closest before the commit that was found, or from it on."""
    culprit = found.likely[0]
    reach = found.suspects.reach
    sides = [
        at
        for at, some in found.readings.items()
        if any(one.value is not None for one in some) and (bool(reach[at] >> culprit & 1) == bad)
    ]
    if not bad:  # only those that the commit follows on can be compared with it
        sides = [at for at in sides if reach[culprit] >> at & 1]
    chosen = (min if bad else max)(sides, key=lambda at: reach[at].bit_count(), default=None)
    some = found.readings.get(chosen, ()) if chosen is not None else ()
    return next((one.run for one in some if one.value is not None), None)
