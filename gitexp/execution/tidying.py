"""What is forgotten of a run that is recorded, or whose command did not start."""

from __future__ import annotations

import shutil

from gitexp.execution.kept.logs import keep_log
from gitexp.execution.stages import Plan
from gitexp.git.maintenance import start_maintenance
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.pending import drop_snapshot


def tidy_up(project: Project, plan: Plan, journal: Journal, entry: Entry) -> None:
    """Forget what the record of a run stands for."""
    scratch = journal.scratch(plan.id)
    if not plan.request.unrecorded:
        keep_log(project, scratch / "output.log", plan.id)
    _end_stores(project, plan, recorded=not plan.request.unrecorded)
    journal.remove(entry)
    shutil.rmtree(scratch, ignore_errors=True)
    drop_snapshot(project.repository, plan.id)  # where git could not do so together with the commit
    start_maintenance(project.repository)


def clear(project: Project, plan: Plan, journal: Journal, entry: Entry) -> None:
    """Remove what was kept of a run whose command did not start."""
    drop_snapshot(project.repository, plan.id)
    _end_stores(project, plan, recorded=False)
    shutil.rmtree(journal.scratch(plan.id), ignore_errors=True)
    journal.remove(entry)


def _end_stores(project: Project, plan: Plan, *, recorded: bool) -> None:
    """Keep the stores that were offered to trackers, if the run is recorded."""
    if not project.config.capture:
        return
    from gitexp.execution.kept.stores import drop_stores, keep_stores  # noqa: PLC0415 - 3 ms, where something is captured

    if recorded:
        keep_stores(project, plan.id)
    else:
        drop_stores(project, plan.id)
