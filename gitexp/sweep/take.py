"""Taking the next run of a sweep: under one lock, written down before anybody else can look."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone

from msgspec import Struct

from gitexp.execution.recover import recover
from gitexp.execution.waiting import file_waiting
from gitexp.model.names import new_id
from gitexp.project import Project
from gitexp.store.journal import Claim, Entry, Journal
from gitexp.store.locks import locked
from gitexp.store.own import own_folder
from gitexp.store.pending import is_any_waiting
from gitexp.store.stopping import sweep_order
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.covered import note_covered
from gitexp.sweep.entering import write_down
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.lacking import why_hopeless
from gitexp.sweep.point import Spot, run_name
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.sweep import Sweep

Tell = Callable[[str], None]


class Over(Struct, frozen=True):
    """There is nothing left to take."""

    why: str | None = None
    """Why not, if there are points left."""


class Wait(Struct, frozen=True):
    """There may be something to take later."""


class Mine(Struct, frozen=True):
    """A run that was taken."""

    entry: Entry
    spot: Spot
    known: Known
    """What was known at that moment."""

    @property
    def claim(self) -> Claim:
        """What the entry says of it."""
        assert self.entry.claim is not None  # as it was made
        return self.entry.claim


class Taker:
    """Takes the runs of one sweep for one agent."""

    def __init__(
        self, project: Project, sweep: Sweep, call: Call, chooser: Chooser, tell: Tell
    ) -> None:
        self._project = project
        self._sweep = sweep
        self._call = call
        self._tell = tell
        self._journal = Journal(project.repository)
        self._chooser = chooser
        self._is_hasty = sweep.looks_back and call.options.asap
        self.reader = KnownReader(project, sweep, lease=call.options.lease, counts=call.counts)
        self.end: int | None = call.options.points
        """How many points there are, as far as that is known."""
        self.passed_over: set[Spot] = set()
        """What was lost too often in this call to be taken once more."""
        self._order = sweep_order(project.repository, sweep.id)
        """Not for us: it was given before."""
        self._first = 0
        """No point before it is open."""

    def take(self) -> Mine | Wait | Over:
        """Take the run of the smallest number that is neither settled nor taken, nor given up."""
        if any(entry.is_over for entry in self._journal.entries()):
            recover(self._project, self._tell)
        if is_any_waiting(self._project.repository):
            file_waiting(self._project, self._tell)
            if is_any_waiting(self._project.repository):  # nobody would know of their points
                return Over("runs wait for the branch; `gitexp doctor` says what is in the way")
        own_folder(self._project.repository).made()
        with locked(self._project.repository):
            known = self.reader.read()
            why = self._call.why_over(known) or why_hopeless(self._sweep, known)
            if sweep_order(self._project.repository, self._sweep.id) != self._order:
                why = "`gitexp stop` has stopped the sweep"
            if why is not None:
                return Over(why)
            spot = next(self._open(known), None)
            if spot is None:
                return Wait() if self._may_come_back() else Over()
            waits = () if self._is_hasty else self._chooser.waits_for(spot.number, known)
            if waits:
                return self._waiting(waits, known)
            return Mine(self._enter(spot, known), spot, known)

    def note_covered(self, mine: Mine, settled: Settled) -> None:
        """Have a run of something else settle what was taken."""
        with locked(self._project.repository):
            note_covered(self._project.repository, self._sweep.id, [settled])
            self.let_go(mine)

    def let_go(self, mine: Mine) -> None:
        """Give back what was taken: there is no such point, or it need not be run.

        The folder goes first: without an entry, another process would take it for a beginning
        that was cut off, and remove it meanwhile.
        """
        with contextlib.suppress(OSError):  # a run that failed to start has left something there
            self._journal.scratch(mine.entry.id).rmdir()
        self._journal.remove(mine.entry)

    def _open(self, known: Known) -> Iterator[Spot]:
        """Yield the spots that are open, by their numbers."""
        repeats, number = self._sweep.repeats, self._first
        while self.end is None or number < self.end:
            if known.is_over(number, repeats):
                self._first += number == self._first
            else:
                spots = (Spot(number, repeat) for repeat in range(1, repeats + 1))
                yield from (
                    spot for spot in spots if known.is_open(spot) and spot not in self.passed_over
                )
            number += 1

    def _waiting(self, numbers: Iterable[int], known: Known) -> Wait | Over:
        """Return what becomes of a point that is chosen by others, which have no result so far."""
        for number in numbers:
            for spot in self.passed_over:
                if spot.number == number and known.is_open(spot):
                    return Over(
                        f"point {number} was lost too often, and the next ones depend on it"
                    )
        return Wait()

    def _may_come_back(self) -> bool:
        """Return whether a run may be lost that nobody else would make again.

        Whose gitexp is alive sees to that itself, or whatever has started it.
        """
        return any(entry.owner.is_gone for entry in self.reader.claims())

    def _enter(self, spot: Spot, known: Known) -> Entry:
        """Write down that a run is taken."""
        by = self._chooser.known_now(spot.number, known) if self._is_hasty else None
        attempt = self.reader.starts.get(spot, 0) + 1
        run_id, since = new_id(), datetime.now(timezone.utc).isoformat()
        name = self._name(spot, attempt, run_id)
        claim = Claim(self._sweep.id, spot.number, spot.repeat, attempt, known=by)
        return write_down(self._project, run_id, name, since, claim)

    def _name(self, spot: Spot, attempt: int, run_id: str) -> str:
        """Return the name of a run; one that somebody has taken gets the beginning of its id."""
        name = run_name(self._sweep.name or self._sweep.id, spot)
        if attempt > 1:
            name = f"{name}-a{attempt}"
        if self._project.runs.index.named(name, project=None):
            name = f"{name}-{run_id[:2]}"
        return name
