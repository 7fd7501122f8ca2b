"""The runs of a project shown to DVC, if its settings say so."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from gitexp.data.dvc_project import find_root
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]


def mirror(project: Project, runs: Iterable[StoredRun], tell: Tell) -> None:
    """Show those of the runs that are the project's; what fails is reported."""
    if project.config.mirror == "dvc":
        from gitexp.store.mirror import mirror_runs  # noqa: PLC0415 - 3 ms, where it is asked for

        mine = [run for run in runs if run.project == project.folder]
        mirror_runs(project.repository, mine, tell)
        if mine:
            _say_that_dvc_is_missing(project, tell)


def mirror_changed(project: Project, runs: Iterable[StoredRun], tell: Tell) -> None:
    """Show runs under their current names, and no longer those that are removed."""
    if project.config.mirror == "dvc":
        from gitexp.store.mirror import unmirror  # noqa: PLC0415 - 3 ms, as above

        changed = frozenset(run.id for run in runs)
        unmirror(project.repository, changed)
        project.runs.look_again()
        found = (run for one in changed for run in project.runs.index.named(one, project.folder))
        seen = [run for run in found if run.id in changed and not run.facts.removed]
        mirror(project, seen, tell)


def _say_that_dvc_is_missing(project: Project, tell: Tell) -> None:
    """Say once that `dvc exp` needs a DVC project."""
    if find_root(project.root, project.repository.top) is not None:
        return
    told = own_folder(project.repository).dvc_is_missing
    with contextlib.suppress(OSError):
        told.touch(exist_ok=False)
        tell("hint: `dvc exp` sees the runs once DVC is set up here: `gitexp init`.")
