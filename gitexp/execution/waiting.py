"""Runs that wait for their branch, filed by whichever gitexp comes next."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.git.refs import list_refs
from gitexp.project import Project
from gitexp.store.own import PENDING
from gitexp.store.pending import file_pending


def file_waiting(project: Project, tell: Callable[[str], None]) -> None:
    """File the runs that wait, as far as their branches can be moved now."""
    refs = list_refs(project.repository, PENDING)
    filed = file_pending(project.repository, project.config.branch, refs)
    for run_id in filed:
        tell(f"note: run {run_id}, which waited for its branch, is now on it")
    left = list_refs(project.repository, PENDING) if len(filed) < len(refs) else []
    if left:
        runs = "a run waits" if len(left) == 1 else f"{len(left)} runs wait"
        tell(f"note: {runs} for the branch; `gitexp doctor` says what is in the way")
    project.runs.look_again()
