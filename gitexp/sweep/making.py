"""One run of a sweep: from the point that was taken to its record."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from gitexp.execution.overrides.ours import written_by_runs
from gitexp.execution.stages import Ending
from gitexp.execution.start.standing import Standing
from gitexp.model.paths import ProjectPath
from gitexp.store.journal import Journal
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.covering_here import CoveringHere
from gitexp.sweep.lacking import note_on_first
from gitexp.sweep.one_run import Runner
from gitexp.sweep.point import Point, point_of
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Taker
from gitexp.sweep.told import Stopped, Told

Tell = Callable[[str], None]


class Maker:
    """Makes runs of one sweep in one copy of the work tree, each when it was taken."""

    def __init__(
        self,
        standing: Standing,
        sweep: Sweep,
        call: Call,
        told: Told,
        tell: Tell,
        taker: Taker,
        chooser: Chooser,
    ) -> None:
        self._standing = standing
        self._sweep = sweep
        self._tell = tell
        self._runner = Runner(sweep, call, told, tell)
        self._taker = taker
        self._chooser = chooser
        self._project = standing.project
        self._journal = Journal(self._project.repository)
        self._covering = CoveringHere(standing, sweep) if call.covers else None
        self._written: frozenset[ProjectPath] | None = None

    def make(self, mine: Mine) -> Ending | None:
        """Make and record a run; None if there is none to make, or it was stopped in time."""
        point = self._point(mine)
        if point is None:
            self._taker.let_go(mine)
            return None
        entry = self._journal.note_values(mine.entry, dict(point.values))
        mine = replace(mine, entry=entry)
        self._standing.restore()
        settled = self._covering.find(point) if self._covering is not None else None
        if settled is not None:
            self._taker.note_covered(mine, settled)
            return None
        try:
            return self._executed(mine, point)
        except Stopped:
            return None

    def note_what_is_missing(self, mine: Mine, ending: Ending) -> None:
        """Say it if a run that is done lacks what the sweep goes by, and so do those before it."""
        if ending.record.status != "done":
            return
        metric = note_on_first(self._sweep, mine.known, ending.record)
        for note in (metric, self._runner.unheard()):
            if note is not None:
                self._tell(note)

    def _point(self, mine: Mine) -> Point | None:
        """Return what a run is made of; None if there is no such point."""
        try:
            proposal = self._chooser.choose(mine.spot.number, mine.known, mine.claim.known)
        except Exhausted as exhausted:
            self._taker.end = min(exhausted.size, mine.spot.number)
            return None
        return point_of(self._sweep, mine.spot, proposal.values)

    def _executed(self, mine: Mine, point: Point) -> Ending:
        project, entry, standing = self._project, mine.entry, self._standing
        try:
            if self._written is None:
                self._written = written_by_runs(project)
            plan = self._runner.planned(project, point, entry, standing.baseline, self._written)
        except BaseException:
            self._taker.let_go(mine)
            raise
        return self._runner.carried_out(
            project,
            plan,
            entry,
            lambda: self._chooser.results(mine.spot.number, mine.known, mine.claim.known),
            standing.sight,
        )
