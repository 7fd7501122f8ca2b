"""The agents of a call at work: how far they are, and how they are stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Container, Iterator, Sequence
from types import FrameType

from msgspec import Struct
from msgspec.structs import replace

from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.processes import marked_processes
from gitexp.sweep.call import Call
from gitexp.sweep.local import Agents
from gitexp.sweep.plan import Plan
from gitexp.sweep.progress import Progress
from gitexp.sweep.reading import KnownReader

Tell = Callable[[str], None]
Watch = Callable[[Progress], None]

_LOOK_EVERY = 0.25
"""Seconds between two looks at what the agents do."""
_INSIST_EVERY = 1.0
"""Seconds between two orders to stop: one may come just before a command is started.

An agent passes only the first one on to its command."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Watched(Struct, frozen=True):
    """What was seen of the agents of a call."""

    progress: Progress
    codes: Sequence[int]
    """Their exit codes."""
    is_interrupted: bool


def watched(
    project: Project,
    plan: Plan,
    reader: KnownReader,
    calls: list[Call],
    tell: Tell,
    watch: Watch,
) -> Watched:
    """Start the agents, and watch them until the last one has ended."""
    top, folder = project.repository.top, own_folder(project.repository).sweeps / plan.sweep.id
    agents, clock = Agents(top, folder, plan.sweep.id, tell), _Clock()
    # Before there are agents: a run that ends before we first look at them is news all the same.
    watch(_progress(plan, reader, agents, clock, is_stopping=False))
    with agents.working(calls), _stopping(agents, reader) as typed:
        while not agents.wait(_LOOK_EVERY):
            watch(_progress(plan, reader, agents, clock, is_stopping=bool(typed)))
            if len(typed) == 1 and clock.is_due(_INSIST_EVERY):
                agents.stop()
    progress = _progress(plan, reader, agents, clock, is_stopping=False)
    failures = calls[0].too_many_failures(progress.known)
    engine = calls[0].options.engine
    progress = replace(progress, stopped_by_failures=failures is not None, engine=engine)
    watch(progress)
    return Watched(progress, tuple(agents.codes), is_interrupted=bool(typed))


class _Clock:
    """How long a call takes, and for how much of that its agents had nothing to do."""

    def __init__(self) -> None:
        self._began = self._last = self._insisted = time.monotonic()
        self._worked = self._idled = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def idle(self) -> float:
        whole = self._worked + self._idled
        return self._idled / whole if whole else 0.0

    def note(self, agents: int, busy: int) -> None:
        """Count the time since the last look."""
        now = time.monotonic()
        self._worked += busy * (now - self._last)
        self._idled += max(0, agents - busy) * (now - self._last)
        self._last = now

    def is_due(self, every: float) -> bool:
        """Return whether so many seconds have passed since this was last true."""
        is_due = time.monotonic() - self._insisted >= every
        if is_due:
            self._insisted = time.monotonic()
        return is_due


def _progress(
    plan: Plan, reader: KnownReader, agents: Agents, clock: _Clock, *, is_stopping: bool
) -> Progress:
    known, workers = reader.read(), agents.workers
    pids = {pid for pid, _ in workers}
    busy = sum(one.pid in pids for one in known.under_way.values())
    at_work = max(len(workers), busy)  # one that has an engine has many
    clock.note(at_work, busy)
    return Progress(
        plan.sweep,
        plan.points,
        known,
        agents=at_work,
        seconds=clock.seconds,
        idle=clock.idle,
        workers=workers,
        is_stopping=is_stopping,
    )


@contextlib.contextmanager
def _stopping(agents: Agents, reader: KnownReader) -> Iterator[list[int]]:
    """Have the first Ctrl-C stop the agents, and the second one end everything at once."""
    typed: list[int] = []
    killed: set[int] = set()

    def stop(signum: int, _frame: FrameType | None) -> None:
        typed.append(signum)
        if len(typed) == 1:
            agents.stop()
            return
        killed.update(pid for pid, _ in agents.workers)
        agents.kill()
        end_commands(reader, killed)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield typed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if killed:
            end_commands(reader, killed)  # one may have been started while its agent was killed


def end_commands(reader: KnownReader, agents: Container[int]) -> None:
    """Kill the commands of agents that are killed, also those that were not noted any more."""
    for entry in reader.claims():
        if entry.owner.pid not in agents:
            continue
        if entry.child is None:
            for pid in marked_processes(entry.id):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        elif entry.child.is_seen:
            with contextlib.suppress(OSError):  # it leads a session of its own
                os.killpg(entry.child.pid, signal.SIGKILL)
