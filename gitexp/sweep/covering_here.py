"""Points that runs cover, found by an agent: for what the plan of a sweep cannot look at."""

from __future__ import annotations

from gitexp.execution.stages import Request
from gitexp.execution.start.look import look
from gitexp.execution.start.prepare import prepare_next
from gitexp.execution.start.standing import Standing
from gitexp.sweep.covering import Covering
from gitexp.sweep.known import Settled
from gitexp.sweep.origin import Base
from gitexp.sweep.point import Point
from gitexp.sweep.sweep import Sweep


class CoveringHere:
    """Looks for runs that settle points at no cost, in the copy of an agent."""

    def __init__(self, standing: Standing, sweep: Sweep) -> None:
        self._standing = standing
        self._sweep = sweep
        self._found: Covering | None = None

    def find(self, point: Point) -> Settled | None:
        """Return what settles a point; the copy is as the sweep began."""
        if self._found is None:
            self._found = self._looked(point)
        return self._found.find(point)

    def _looked(self, point: Point) -> Covering:
        standing = self._standing
        request = Request(point.command, allow_secrets=True)
        plan = prepare_next(standing.project, request, ("", ""), "", frozenset())
        scratch = standing.scratch / "covering"
        scratch.mkdir(exist_ok=True)
        started = look(standing.project, plan, scratch, _say_nothing, sight=standing.sight)
        return Covering(standing.project, self._sweep, Base(started))


def _say_nothing(_: str) -> None:
    """Pass over what each run says again."""
