"""One run of a sweep, planned and carried out: by an agent at home as by a worker elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.execution.run import Companion, Way, execute
from gitexp.execution.stages import Ending, Plan, Started
from gitexp.execution.start.look import OWN_EYES, Sight
from gitexp.execution.start.prepare import prepare_next
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.store.journal import Entry
from gitexp.sweep.call import Call
from gitexp.sweep.point import Point
from gitexp.sweep.request import request_of
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Sweep, to_json
from gitexp.sweep.told import Told

if TYPE_CHECKING:
    from gitexp.sweep.pruning.companion import Pruned

Tell = Callable[[str], None]


class Runner:
    """Carries out runs of one sweep."""

    def __init__(self, sweep: Sweep, call: Call, told: Told, tell: Tell) -> None:
        self._sweep, self._call, self._told, self._tell = sweep, call, told, tell
        self._definition = to_json(sweep).decode()
        self._pruned: Pruned | None = None

    def planned(
        self,
        copy: Project,
        point: Point,
        entry: Entry,
        baseline: str,
        written: frozenset[ProjectPath],
    ) -> Plan:
        """Return what a run is to do in a copy of the work tree."""
        request = request_of(self._sweep, self._definition, self._call, point, entry)
        plan = prepare_next(copy, request, (entry.id, entry.name), baseline, written)
        return replace(plan, hypothesis=self._sweep.hypothesis)

    def carried_out(
        self,
        copy: Project,
        plan: Plan,
        entry: Entry,
        results: Callable[[], Sequence[Result]],
        sight: Sight = OWN_EYES,
    ) -> Ending:
        """Make and record a run; `results` gives those by which it may be cut off.

        Raises Stopped if nothing is to be started any more.
        """
        way = Way(
            shown=False,
            entry=entry,
            sight=sight,
            heard=self._told.stop,
            may_start=self._told.may_start,
            companion=self._companion(results),
        )
        return execute(copy, plan, self._tell, way)

    def unheard(self) -> str | None:
        """Return what is to be said if the last run that might be cut off reported nothing."""
        pruned, self._pruned = self._pruned, None
        return pruned.unheard if pruned is not None else None

    def _companion(
        self, results: Callable[[], Sequence[Result]]
    ) -> Callable[[Started], Companion] | None:
        """Return what makes the judge of a run that may be pruned."""
        pruning = self._sweep.pruning
        if pruning is None:
            return None
        from gitexp.sweep.pruning.companion import Pruned  # noqa: PLC0415 - 200 ms, Optuna

        known = results()

        def made(started: Started) -> Pruned:
            self._pruned = Pruned(started, pruning, known, self._tell)
            return self._pruned

        return made
