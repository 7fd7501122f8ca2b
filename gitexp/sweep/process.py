"""Processes that are agents: one that a call has started, and one that a person or a job has."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable

from gitexp.errors import ExitCode
from gitexp.execution.stages import Ending
from gitexp.project import Project
from gitexp.sweep.agent import run_agent
from gitexp.sweep.call import PARENT, VARIABLE, Call
from gitexp.sweep.local import agent_calls
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.told import Told

Tell = Callable[[str], None]
Report = Callable[[Ending], None]

_MOST_SAID = 200
"""How many different lines an agent says: many runs would say the same ones."""


def is_started_by_call() -> bool:
    """Return whether this process is an agent of a call of `gitexp sweep`."""
    return VARIABLE in os.environ and PARENT in os.environ


def be_agent_of_call(project: Project, sweep_id: str, tell: Tell) -> int:
    """Be an agent that a call has started; return its exit code."""
    gc.enable()  # it may live for days
    call = Call.from_text(os.environ.pop(VARIABLE))
    told = Told()
    told.watch(int(os.environ.pop(PARENT)))
    if call.options.engine is not None:
        from gitexp.sweep.remote.call import coordinate  # noqa: PLC0415 - 20 ms, for engines alone

        coordinate(project, sweep_id, call, told, once(tell))
    else:
        run_agent(project, sweep_id, call, told, once(tell))
    return ExitCode.OK


def be_agent(
    project: Project, sweep_id: str, options: SweepOptions, tell: Tell, report: Report
) -> int:
    """Be one agent by itself, for `ssh` or a scheduler; return its exit code."""
    gc.enable()  # it may live for days
    call = agent_calls(options, os.environ, covers=options.again is None)[0]
    told = Told()
    run_agent(project, sweep_id, call, told, once(tell), report)
    return ExitCode.INTERRUPTED if told.now else ExitCode.OK


def once(tell: Tell) -> Tell:
    """Return a `tell` that says everything once, and not too many things."""
    said: set[str] = set()

    def told(text: str) -> None:
        if text not in said and len(said) < _MOST_SAID:
            said.add(text)
            tell(text)

    return told
