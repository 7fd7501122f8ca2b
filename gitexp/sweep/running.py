"""The runs of a sweep, from its plan to the last point: agents work, this process watches."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable, Container, Iterator
from types import FrameType

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import ExitCode
from gitexp.execution.start.standing import Frozen
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.frozen import note_over, thaw
from gitexp.store.locks import locked
from gitexp.store.own import own_folder
from gitexp.store.processes import marked_processes
from gitexp.sweep.begin import Begun
from gitexp.sweep.call import Call
from gitexp.sweep.covered import CoveredReader, note_covered
from gitexp.sweep.definition import remember_wanted
from gitexp.sweep.found_again import begin_again
from gitexp.sweep.freeze import begin_here, freeze, read_frozen
from gitexp.sweep.known import MOST_ATTEMPTS, Known
from gitexp.sweep.lacking import numbers_in
from gitexp.sweep.local import Agents, agent_calls
from gitexp.sweep.mattered import what_mattered
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.plan import Plan
from gitexp.sweep.process import once
from gitexp.sweep.progress import Progress
from gitexp.sweep.reading import KnownReader
from gitexp.sweep.sampling.library import note_of_version

Tell = Callable[[str], None]
Watch = Callable[[Progress], None]

_LOOK_EVERY = 0.25
"""Seconds between two looks at what the agents do."""
_INSIST_EVERY = 1.0
"""Seconds between two orders to stop: one may come just before a command is started.

An agent passes only the first one on to its command."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Struct, frozen=True):
    """What came of a call."""

    progress: Progress
    code: int
    """The exit code."""


def run_sweep(
    project: Project, found: Begun, options: SweepOptions, tell: Tell, watch: Watch
) -> Ended:
    """Run what a plan has to do; `watch` is shown now and then how far that is."""
    plan, sweep, tell = found.plan, found.plan.sweep, once(tell)
    if options.points is not None and options.points > plan.points:
        tell(f"note: the space has {counted(plan.points, 'point')}, and no other is left to try")
    if not plan.to_do and not plan.under_way:
        return _nothing_to_do(project, plan)
    gc.enable()  # it may take days
    was_there = read_frozen(project.repository, sweep.id) is not None
    keep_files(project, found, options, tell)
    note = note_of_version(sweep.made_with, len({one.spot.number for one in plan.settled}))
    if note is not None:
        tell(note)
    calls = agent_calls(
        replace(options, points=plan.points, jobs=1 if options.engine else options.jobs),
        os.environ,
        covers=options.again is None and (found.base is None or plan.undecided > 0),
    )
    reader = KnownReader(project, sweep, lease=options.lease, counts=calls[0].counts)
    if was_there:
        _say_how_it_goes_on(plan, reader, tell)
    ended = _watched(project, plan, reader, calls, tell, watch)
    progress = _with_metrics(project, ended.progress)
    ended = replace(
        ended, progress=replace(progress, importance=what_mattered(sweep, progress.known))
    )
    _let_go(project, plan, progress)
    return ended


def _watched(
    project: Project,
    plan: Plan,
    reader: KnownReader,
    calls: list[Call],
    tell: Tell,
    watch: Watch,
) -> Ended:
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
    code = ExitCode.INTERRUPTED if typed else _code(progress, agents.codes)
    return Ended(progress, code)


def _let_go(project: Project, plan: Plan, progress: Progress) -> None:
    """Let go of what runs begin with if none is to come, or note that none may come."""
    if not progress.is_done or progress.known.under_way:
        return
    if plan.sweep.sampler == "grid" and plan.points == plan.size:
        thaw(project.repository, plan.sweep.id)  # no further point will ever be asked for
    else:
        note_over(project.repository, plan.sweep.id, is_over=True)


def _nothing_to_do(project: Project, plan: Plan) -> Ended:
    settled = {one.spot: one for one in (*plan.covered, *plan.settled)}
    lost = dict.fromkeys(plan.given_up, MOST_ATTEMPTS)
    progress = Progress(plan.sweep, plan.points, Known(settled, {}, lost))
    _let_go(project, plan, progress)  # a call may have been killed between its end and this
    return Ended(_with_metrics(project, progress), _code(progress, []))


def _with_metrics(project: Project, progress: Progress) -> Progress:
    """Return how far a sweep is with the metrics that there are, if one is wanted that is not."""
    if not progress.lacking or project.runs.tip is None:
        return progress
    done = next(one for one in progress.known.settled.values() if one.status == "done")
    runs = project.runs.index.named(done.run_id, project=None)
    return replace(progress, metrics=numbers_in(runs[0].record)) if runs else progress


def keep_files(project: Project, found: Begun, options: SweepOptions, tell: Tell) -> None:
    """Keep the files that the runs begin with: those that are here, or those of a run before."""
    sweep = found.plan.sweep
    covered = found.plan.covered
    if found.base is not None:
        begin = begin_here(project, found.base.started.snapshot)
        if options.again is not None and not found.plan.under_way:
            covered += tuple(one for one in found.plan.settled if one.covered)
            thaw(project.repository, sweep.id)  # `metrics:` may be mended; what decides is the same
    else:
        begin = begin_again(project, sweep, tell)
    frozen = freeze(project, sweep, options.copied, begin)
    if found.base is None and options.again is not None:
        _say_which_settings(project, frozen, tell)
    note_over(project.repository, sweep.id, is_over=False)
    with locked(project.repository):  # agents of another call may be at it
        remember_wanted(project, sweep)
        known = CoveredReader(project.repository, sweep.id).read()
        new = [one for one in covered if known.get(one.spot) != one]
        note_covered(project.repository, sweep.id, new)


def _say_which_settings(project: Project, frozen: Frozen, tell: Tell) -> None:
    """Say it if a person may expect that points are run again by what `gitexp.yaml` says now."""
    entry = frozen.snapshot.entries.get(project.path(CONFIG_NAME))
    kept = project.repository.objects.blob(entry.oid) if entry is not None else None
    place = project.root / CONFIG_NAME
    if (place.read_bytes() if place.is_file() else None) != kept:
        tell(
            "note: gitexp.yaml has changed since; points are run again with the settings that the "
            "sweep began with, but with those of now if you give its words instead of `--resume`"
        )


def _say_how_it_goes_on(plan: Plan, reader: KnownReader, tell: Tell) -> None:
    """Say that a sweep is under way already."""
    known, name = reader.read(), plan.sweep.name or plan.sweep.id
    if known.under_way:
        who = next(iter(known.under_way.values())).who
        tell(f"note: '{name}' is running already ({who}): this helps it")
    else:
        tell(f"note: '{name}' goes on, on the files that it began with")


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


def _code(progress: Progress, codes: list[int]) -> int:
    if not progress.is_done and any(code not in (0, None) for code in codes):
        return next(code if code > 0 else ExitCode.ERROR for code in codes if code)
    any_done = any(one.status == "done" for one in progress.settled)
    is_well = any_done and progress.is_done and not progress.lacking
    is_well = is_well and not progress.stopped_by_failures
    return ExitCode.OK if is_well else ExitCode.NO
