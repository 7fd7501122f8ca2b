"""An agent: it takes the next run of a sweep, makes and records it, and goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.overrides.ours import written_by_runs
from gitexp.execution.run import Companion, Way, execute
from gitexp.execution.stages import Ending, Request, Started
from gitexp.execution.start.prepare import prepare_next
from gitexp.execution.start.standing import Frozen, Standing, standing_copy
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.covering_here import CoveringHere
from gitexp.sweep.definition import read_definition
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.lacking import note_on_first
from gitexp.sweep.point import Point, point_of
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.sweep import Sweep, to_json
from gitexp.sweep.take import Mine, Over, Taker, Wait

if TYPE_CHECKING:
    from gitexp.sweep.pruning.companion import Pruned

Tell = Callable[[str], None]
Report = Callable[[Ending], None]

_LOOK_EVERY = 0.2
"""Seconds between two looks at what others do."""
_SIGN_EVERY = 30.0
"""Seconds between two signs of life."""
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Told:
    """Whether an agent was told to stop: at once, or after the run that it makes."""

    def __init__(self) -> None:
        self.now = False
        self.after = False

    def stop(self, _signum: int, _frame: FrameType | None = None) -> None:
        """Make no further run; whoever runs a command passes the signal on to it."""
        self.now = True

    def watch(self, parent: int) -> None:
        """Make no further run once the other end of a pipe is closed: nobody waits for us."""
        os.set_inheritable(parent, False)

        def wait() -> None:
            with contextlib.suppress(OSError):
                os.read(parent, 1)
            self.after = True

        threading.Thread(target=wait, daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether no run is to be begun."""
        return self.now or self.after


class Stopped(Exception):
    """An agent was told to stop before the command of its run was started."""


class Agent:
    """Makes runs of one sweep in one copy of the work tree."""

    def __init__(
        self,
        standing: Standing,
        frozen: Frozen,
        sweep: Sweep,
        call: Call,
        told: Told,
        tell: Tell,
        report: Report,
    ) -> None:
        self._standing = standing
        self._frozen = frozen
        self._sweep = sweep
        self._call = call
        self._told = told
        self._tell = tell
        self._report = report
        self._project = standing.project
        self._journal = Journal(self._project.repository)
        self._chooser = Chooser(sweep, sampler_of(sweep))
        self._taker = Taker(self._project, sweep, call, self._chooser, tell)
        self._covering = CoveringHere(standing, sweep) if call.covers else None
        self._definition = to_json(sweep).decode()
        self._pruned: Pruned | None = None
        self._run_id: str | None = None
        self._written: frozenset[ProjectPath] | None = None
        self.made = 0
        """How many runs it has made."""

    def work(self) -> None:
        """Make runs until there is none left, or this agent was told to stop."""
        with self._signs_of_life():
            while not self._told.is_over and self._standing.is_free and self._is_wanted():
                taken = self._taker.take()
                if isinstance(taken, Over):
                    if taken.why is not None:
                        self._tell(f"note: no further run is started: {taken.why}")
                    return
                if isinstance(taken, Wait):
                    time.sleep(_LOOK_EVERY)
                    continue
                self._make(taken)

    def _is_wanted(self) -> bool:
        count = self._call.options.count
        return count is None or self.made < count

    def _make(self, mine: Mine) -> None:
        """Make and record one run."""
        point = self._point(mine)
        if point is None:
            self._taker.let_go(mine)
            return
        self._run_id = mine.entry.id
        entry = self._journal.note_values(mine.entry, dict(point.values))
        mine = replace(mine, entry=entry)
        try:
            self._standing.restore()
            settled = self._covering.find(point) if self._covering is not None else None
            if settled is not None:
                self._taker.note_covered(mine, settled)
                return
            ending = self._executed(mine, point)
        except Stopped:
            return
        finally:
            self._run_id = None
        self.made += 1
        self._report(ending)
        self._note_what_is_missing(mine, ending)
        if ending.ended.reason == "signal":
            self._told.now = True

    def _note_what_is_missing(self, mine: Mine, ending: Ending) -> None:
        """Say it if a run that is done lacks what the sweep goes by, and so do those before it."""
        if ending.record.status != "done":
            return
        pruned, self._pruned = self._pruned, None
        metric = note_on_first(self._sweep, mine.known, ending.record)
        for note in (metric, pruned.unheard if pruned is not None else None):
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
        project, entry = self._project, mine.entry
        try:
            request = self._request(mine, point)
            if self._written is None:
                self._written = written_by_runs(project)
            named, baseline = (entry.id, entry.name), self._frozen.baseline
            plan = prepare_next(project, request, named, baseline, self._written)
            plan = replace(plan, hypothesis=self._sweep.hypothesis)
        except BaseException:
            self._taker.let_go(mine)
            raise
        way = Way(
            shown=False,
            entry=entry,
            sight=self._standing.sight,
            heard=self._told.stop,
            may_start=self._check,
            companion=self._companion(mine),
        )
        return execute(project, plan, self._tell, way)

    def _companion(self, mine: Mine) -> Callable[[Started], Companion] | None:
        """Return what makes the judge of a run that may be pruned."""
        pruning = self._sweep.pruning
        if pruning is None:
            return None
        from gitexp.sweep.pruning.companion import Pruned  # noqa: PLC0415 - 200 ms, Optuna

        results = self._chooser.results(mine.spot.number, mine.known, mine.claim.known)

        def made(started: Started) -> Pruned:
            self._pruned = Pruned(started, pruning, results, self._tell)
            return self._pruned

        return made

    def _check(self) -> None:
        """Raise Stopped if the command must not be started any more."""
        if self._told.now:
            raise Stopped

    def _request(self, mine: Mine, point: Point) -> Request:
        sweep, options = self._sweep, self._call.options
        return Request(
            command=point.command,
            overrides=point.overrides,
            name=mine.entry.name,
            message=sweep.message,
            timeout=options.timeout,
            allow_secrets=options.allow_secrets,
            sweep=sweep.id,
            point=SweepPoint(
                number=point.number,
                repeat=point.repeat,
                attempt=mine.claim.attempt,
                values=point.values,
                sweep=sweep.name,
                window=sweep.window if sweep.looks_back and mine.claim.known is None else None,
                known=mine.claim.known,
                threads=self._call.threads,
                slot=self._call.slot,
            ),
            definition=self._definition,
            progress=sweep.pruning.file or "" if sweep.pruning is not None else None,
        )

    @contextlib.contextmanager
    def _signs_of_life(self) -> Iterator[None]:
        """Show now and then that the run which is under way has not been lost."""
        over = threading.Event()

        def show() -> None:
            while not over.wait(_SIGN_EVERY):
                if self._run_id is not None:
                    self._journal.touch(self._run_id)

        threading.Thread(target=show, daemon=True).start()
        try:
            yield
        finally:
            over.set()


def _ignore(_: Ending) -> None:
    """Do nothing about the end of a run: somebody else watches."""


def run_agent(
    project: Project,
    sweep_id: str,
    call: Call,
    told: Told,
    tell: Tell,
    report: Report = _ignore,
) -> int:
    """Make runs of a sweep until there is none left; return how many that were."""
    made = 0
    with _heeded(told), _set(call.environment):
        while not told.is_over:
            sweep = read_definition(project, sweep_id)
            frozen = read_frozen(project.repository, sweep_id)
            if sweep is None or frozen is None:
                raise GitexpError(
                    f"no sweep '{sweep_id}' is under way here",
                    hint="`gitexp sweep --resume` goes on with one that has runs.",
                )
            home = Project(project.repository, TopPath(sweep.project), frozen.directory)
            with standing_copy(home, frozen) as standing:
                standing.restore()
                agent = Agent(standing, frozen, sweep, _left(call, made), told, tell, report)
                agent.work()
                made += agent.made
                if standing.is_free:
                    break  # else a run has left processes there: another place is taken
    return made


@contextlib.contextmanager
def _set(environment: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the commands."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _left(call: Call, made: int) -> Call:
    count = call.options.count
    if count is None:
        return call
    return replace(call, options=replace(call.options, count=count - made))


@contextlib.contextmanager
def _heeded(told: Told) -> Iterator[None]:
    """Take signals for orders to stop."""
    before = {number: signal.signal(number, told.stop) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
