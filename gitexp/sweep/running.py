"""The runs of a sweep, from its plan to the last point."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.sweep.freeze import freeze, thaw
from gitexp.sweep.known import Known
from gitexp.sweep.ledger import Ledger
from gitexp.sweep.local import Agents, agent_calls
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.plan import Plan

Tell = Callable[[str], None]

_LOOK_EVERY = 0.25
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_sweep(project: Project, plan: Plan, options: SweepOptions, tell: Tell) -> int:
    """Run what a plan has to do, and return the exit code.

    The work tree is as it was when the plan was made, or the sweep is under way already and has
    its snapshot.
    """
    sweep, repository = plan.sweep, project.repository
    freeze(project, sweep, options.copied)
    calls = agent_calls(options, os.environ)
    ledger = Ledger(project, sweep, lease=options.lease, counts=calls[0].counts)
    folder = own_folder(repository).sweeps / sweep.id
    agents = Agents(repository.top, folder, sweep.id, tell)
    with agents.working(calls), _stopping(agents) as typed:
        while not agents.wait(_LOOK_EVERY):
            ledger.read()
    known = ledger.read()
    if _is_done(plan, known):
        thaw(repository, sweep.id)
    return ExitCode.INTERRUPTED if typed else _code(plan, known)


@contextlib.contextmanager
def _stopping(agents: Agents) -> Iterator[list[int]]:
    """Have the first Ctrl-C stop the agents, and the second one end them at once."""
    typed: list[int] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        typed.append(signum)
        if len(typed) == 1:
            agents.stop()
        else:
            agents.kill()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield typed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_done(plan: Plan, known: Known) -> bool:
    return all(known.is_over(number, plan.sweep.repeats) for number in range(plan.points))


def _code(plan: Plan, known: Known) -> int:
    done = any(one.status == "done" for one in known.settled.values())
    return ExitCode.OK if done and _is_done(plan, known) else ExitCode.NO
