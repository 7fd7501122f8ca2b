"""An agent: it takes the next run of a sweep, makes and records it, and goes on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from gitexp.execution.stages import Ending
from gitexp.execution.start.standing import Standing, standing_copy
from gitexp.project import Project
from gitexp.store.journal import Journal
from gitexp.sweep.call import Call
from gitexp.sweep.chooser import Chooser
from gitexp.sweep.here import sweep_here
from gitexp.sweep.making import Maker
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.signs import signs_of_life
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.take import Mine, Over, Taker, Wait
from gitexp.sweep.told import Told, heeded

Tell = Callable[[str], None]
Report = Callable[[Ending], None]

_LOOK_EVERY = 0.2
"""Seconds between two looks at what others do."""


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
        with signs_of_life(self._journal, self._lease, self._under_way):
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

    def _under_way(self) -> list[str]:
        run_id = self._run_id  # another thread asks
        return [] if run_id is None else [run_id]

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
            home, sweep, frozen = sweep_here(project, sweep_id)
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
