"""A process that is an agent: what it was told by whoever has started it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable

from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.sweep.agent import Told, run_agent
from gitexp.sweep.call import PARENT, VARIABLE, Call

Tell = Callable[[str], None]

_MOST_SAID = 20
"""How many different things an agent says: many runs would say the same ones."""


def run_process(project: Project, sweep_id: str, tell: Tell) -> int:
    """Be an agent that another process has started; return its exit code."""
    gc.enable()  # it may live for days
    call = Call.from_text(os.environ.pop(VARIABLE))
    told = Told()
    told.watch(int(os.environ.pop(PARENT)))
    run_agent(project, sweep_id, call, told, once(tell))
    return ExitCode.OK


def once(tell: Tell) -> Tell:
    """Return a `tell` that says everything once, and not too many things."""
    said: set[str] = set()

    def told(text: str) -> None:
        if text not in said and len(said) < _MOST_SAID:
            said.add(text)
            tell(text)

    return told
