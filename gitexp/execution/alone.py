"""Runs whose commands have begun already, and ask for that themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

from gitexp.execution.attendant import about
from gitexp.execution.overrides.params import OverriddenParams
from gitexp.execution.run import keep_start
from gitexp.execution.stages import Plan, Started
from gitexp.execution.start.look import OWN_EYES, enter, mendable
from gitexp.execution.tidying import clear
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.running import write_about

Tell = Callable[[str], None]


def begin_alone(project: Project, plan: Plan, entry: Entry, tell: Tell) -> Started:
    """Keep what there is for a command that runs already, and has asked for that itself.

    It is recorded by `gitexp.execution.recover`: when it says so, or once its process is gone.
    """
    journal = Journal(project.repository)
    scratch = journal.scratch(plan.id)
    params = OverriddenParams(project, plan, scratch)
    with mendable(project):
        enter(project, plan, journal, entry)
    try:
        with mendable(project):
            started = keep_start(project, plan, params, scratch, tell, OWN_EYES)
            started.log.touch()
            write_about(scratch, about(plan, started.params, time.time()))
            journal.wait_for_disk()
    except BaseException:
        clear(project, plan, journal, entry)
        raise
    return started
