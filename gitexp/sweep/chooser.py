"""The next point of a sweep: what it waits for, what it may know, and its values."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from gitexp.model.sweep_point import numbers_in, ranges_text
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.point import Spot
from gitexp.sweep.sampling.sampler import Proposal, Result, Sampler
from gitexp.sweep.sampling.window import must_be_known
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.telling import result_of


class Chooser:
    """Chooses the points of one sweep; an agent keeps one, which saves time and changes nothing."""

    def __init__(self, sweep: Sweep, sampler: Sampler) -> None:
        self._sweep = sweep
        self._sampler = sampler
        self._worked_out: dict[int, Mapping[str, Any]] = {}
        self._results: dict[int, tuple[Settled, Result]] = {}

    def waits_for(self, number: int, known: Known) -> tuple[int, ...]:
        """Return the points that have to be over before this one can be chosen."""
        repeats = self._sweep.repeats
        needed = must_be_known(self._sweep, number)
        return tuple(one for one in needed if not known.is_over(one, repeats))

    def known_now(self, number: int, known: Known) -> str:
        """Return which results there are already, to be noted when a point is taken `--asap`."""
        repeats = self._sweep.repeats
        return ranges_text(one for one in range(number) if known.is_over(one, repeats))

    def choose(self, number: int, known: Known, by: str | None = None) -> Proposal:
        """Return the values of a point.

        Args:
            number: Of the point.
            known: What came of those before it, at least as much as is needed.
            by: Which results it may know, as `known_now` has it; None for the sweep's window.

        Raises:
            Exhausted: There is no such point.
            GitexpError: The conditions of the space admit too little of it.
        """
        values, noted = self._noted(number, known)
        if values is not None:  # another repeat of the same point
            return Proposal(values)
        return self._sampler.propose(number, self.results(number, known, noted or by))

    def results(self, number: int, known: Known, by: str | None = None) -> list[Result]:
        """Return what a point may know, which also decides whether its runs are pruned."""
        if not self._sweep.looks_back:
            return []
        told: Container[int] = must_be_known(self._sweep, number)
        if by is not None:
            told = numbers_in(by, number)
        return [self._result(one, known, told) for one in range(number)]

    def _result(self, number: int, known: Known, told: Container[int]) -> Result:
        """Return what is told of a point; of one that has long been settled, the same again."""
        if number not in told:
            values = self._values(number, known)
            return result_of(self._sweep, number, known, values, pending=True)
        settled = known.settled.get(Spot(number)) if self._sweep.repeats == 1 else None
        kept = self._results.get(number)
        if kept is not None and settled is kept[0]:
            return kept[1]
        result = result_of(self._sweep, number, known, self._values(number, known))
        if settled is not None:
            self._results[number] = settled, result
        return result

    def _values(self, number: int, known: Known) -> Mapping[str, Any]:
        """Return what a point is: by a run or an agent of it, else worked out."""
        values, by = self._noted(number, known)
        if values is not None:
            return values
        if number not in self._worked_out:
            self._worked_out[number] = self.choose(number, known, by).values
        return self._worked_out[number]

    def _noted(self, number: int, known: Known) -> tuple[Mapping[str, Any] | None, str | None]:
        """Return what is noted of a point: its values, or else what it is chosen by."""
        by = None
        for spot in (Spot(number, repeat + 1) for repeat in range(self._sweep.repeats)):
            if spot in known.settled:
                return known.settled[spot].values, None
            taken = known.under_way.get(spot)
            if taken is not None and taken.values is not None:
                return taken.values, None
            by = taken.known if taken is not None else by
        return None, by
