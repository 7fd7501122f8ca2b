"""An agent: it takes the next run of a sweep, makes and records it, and goes on."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.stages import Ending
from gitexp.execution.start.standing import Standing, standing_copy
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.definition import read_definition
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.making import Maker
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Over, Taker, Wait
from gitexp.sweep.told import Told, heeded, threads_expected

Tell = Callable[[str], None]
Report = Callable[[Ending], None]

_LOOK_EVERY = 0.2
"""Seconds between two looks at what others do."""
_SIGN_EVERY = 30.0
"""Seconds between two signs of life; where the lease is short, there are some in each."""
_SIGNS_IN_LEASE = 4


class Agent:
    """Makes runs of one sweep in one copy of the work tree."""

    def __init__(
        self,
        standing: Standing,
        sweep: Sweep,
        call: Call,
        told: Told,
        tell: Tell,
        report: Report,
    ) -> None:
        self._standing = standing
        self._count = call.options.count
        self._lease = call.options.lease
        self._told = told
        self._tell = tell
        self._report = report
        self._journal = Journal(standing.project.repository)
        chooser = Chooser(sweep, sampler_of(sweep))
        self._taker = Taker(standing.project, sweep, call, chooser, tell)
        self._maker = Maker(standing, sweep, call, told, tell, self._taker, chooser)
        self._run_id: str | None = None
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
        return self._count is None or self.made < self._count

    def _make(self, mine: Mine) -> None:
        """Make one run, and say how it ended."""
        self._run_id = mine.entry.id
        try:
            ending = self._maker.make(mine)
        finally:
            self._run_id = None
        if ending is None:
            return
        self.made += 1
        self._report(ending)
        self._maker.note_what_is_missing(mine, ending)
        if ending.ended.reason == "signal":
            self._told.now = True

    @contextlib.contextmanager
    def _signs_of_life(self) -> Iterator[None]:
        """Show now and then that the run which is under way has not been lost."""
        over = threading.Event()

        def show() -> None:
            while not over.wait(sign_every(self._lease)):
                if self._run_id is not None:
                    self._journal.touch(self._run_id)

        with threads_expected():
            threading.Thread(target=show, daemon=True).start()
        try:
            yield
        finally:
            over.set()


def sign_every(lease: float) -> float:
    """Return the seconds between two signs of life.

    >>> sign_every(600), sign_every(8)
    (30.0, 2.0)
    """
    return min(_SIGN_EVERY, max(_LOOK_EVERY, lease / _SIGNS_IN_LEASE))


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
    with heeded(told), environment_with(call.environment):
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
                agent = Agent(standing, sweep, _left(call, made), told, tell, report)
                agent.work()
                made += agent.made
                if standing.is_free:
                    break  # else a run has left processes there: another place is taken
    return made


@contextlib.contextmanager
def environment_with(environment: Mapping[str, str]) -> Iterator[None]:
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
