"""Runs whose entry in the journal is damaged: told of by every command, and recorded on demand."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.errors import GitexpError
from gitexp.execution.kept.written import read_plan, was_moved
from gitexp.project import Project
from gitexp.store.journal import Entry, Journal
from gitexp.store.torn import entry_again, torn


def tell_of_torn(project: Project, tell: Callable[[str], None]) -> None:
    """Say which runs the journal cannot tell of."""
    for run_id in torn(project.repository):
        tell(
            f"warning: the journal's entry of run {run_id} is damaged; once nothing of it runs, "
            f"`gitexp doctor --recover {run_id}` records it"
        )


def torn_entry(project: Project, run_id: str) -> Entry | None:
    """Return what the damaged entry of a run must have said; None if it has none.

    Raises GitexpError if the run was begun in another work tree.
    """
    if run_id not in torn(project.repository):
        return None
    scratch = Journal(project.repository).scratch(run_id)
    if not was_moved(scratch, project.repository.top):
        raise GitexpError(
            f"run {run_id} was not begun in this work tree, as far as can be told",
            "Give the command in the project in which it was begun.",
        )
    plan = read_plan(scratch)
    name = plan.name if plan is not None else run_id
    return entry_again(project.repository, run_id, name, project.folder)
