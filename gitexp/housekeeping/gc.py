"""`gitexp gc`: finding what nothing needs any more, and freeing it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from gitexp.data.dvc_project import open_project
from gitexp.data.stored import StoredObjects
from gitexp.errors import GitexpError
from gitexp.housekeeping.needed import hashes_elsewhere, hashes_of
from gitexp.housekeeping.waste import (
    RunWaste,
    Waste,
    data_of,
    logs_of,
    old_logs,
    pointers_of,
    size_of,
    stores_of,
)
from gitexp.model.many_records import many_reader
from gitexp.project import Project
from gitexp.store.copies import drop_copies, idle_copies
from gitexp.store.covered import covered_waste
from gitexp.store.facts import facts_between
from gitexp.store.frozen import kept_sweeps, thaw
from gitexp.store.journal import Journal
from gitexp.store.locks import locked
from gitexp.store.mirror import mirrored, unmirror
from gitexp.store.own import NOTES
from gitexp.store.reading import runs_between
from gitexp.store.stored_run import StoredRun


def find_waste(project: Project) -> Waste:
    """Return all that can go; raises GitexpError while a run is under way."""
    check_idle(project)
    needed, removed = _runs(project)
    shown = [found.name for found in mirrored(project.repository, ids(removed))]
    needed |= hashes_elsewhere(project, shown)
    runs, notes = data_of(project, [(run, pointers_of(run)) for run in removed], needed)
    logs = list(dict.fromkeys([*logs_of(project, removed), *old_logs(project)]))
    stores = list(dict.fromkeys(stores_of(project, removed)))
    copies = idle_copies(project.repository)
    sweeps = tuple(one for one in kept_sweeps(project.repository) if one.is_over)
    covered = covered_waste(project.runs)
    size = sum(one.size for one in runs) + size_of(
        [*logs, *stores, *copies, *(one.place for one in sweeps), *covered]
    )
    return Waste(runs, tuple(logs), tuple(stores), tuple(copies), sweeps, covered, notes, size)


def free(project: Project, waste: Waste) -> int:
    """Free what was found, unless something needs it by now; return how many bytes that was."""
    with locked(project.repository):  # no run starts meanwhile
        if find_waste(project) != waste:
            raise GitexpError(
                "something has changed meanwhile", hint="Look again at what `gitexp gc` would free."
            )
        freed = free_data(waste.runs)
        places = (one.place for one in waste.sweeps)
        freed += size_of([*waste.logs, *waste.stores, *waste.copies, *places, *waste.covered])
        for file in (*waste.logs, *waste.covered):
            file.unlink(missing_ok=True)
        for store in waste.stores:
            shutil.rmtree(store, ignore_errors=True)
        for sweep in waste.sweeps:
            thaw(project.repository, sweep.id)
        gone = _removed(project)
        unmirror(project.repository, gone.intersection(run.id for run in _all_runs(project)))
    drop_copies(project.repository)
    return freed


def free_data(runs: tuple[RunWaste, ...]) -> int:
    """Delete the data of runs from the caches and return how many bytes that freed."""
    freed = 0
    for one in runs:
        freed += StoredObjects(open_project(one.root)).delete(one.hashes)
    return freed


def check_idle(project: Project) -> None:
    """Raise GitexpError while a run is under way: nobody can tell what it needs."""
    for entry in Journal(project.repository).entries():
        raise GitexpError(
            f"run '{entry.name}' is under way on {entry.owner.host}",
            hint="Wait until it has ended; `gitexp doctor` says more.",
        )


def ids(runs: list[StoredRun]) -> frozenset[str]:
    """Return the ids of runs."""
    return frozenset(run.id for run in runs)


def _runs(project: Project) -> tuple[frozenset[str], list[StoredRun]]:
    """Return the hashes that the runs of all projects need, and the runs that were removed.

    Those that are kept may be many: no more than one of them is in memory.
    """
    needed: set[str] = set()
    removed = []
    gone = _removed(project)
    read = many_reader()
    for run in _all_runs(project):
        if run.id in gone:
            removed.append(run)
        else:
            needed |= hashes_of(run, read)
    return frozenset(needed), removed


def _all_runs(project: Project) -> Iterator[StoredRun]:
    repository = project.repository
    tip = repository.objects.commit(f"refs/heads/{project.config.branch}")
    return runs_between(repository, None, tip, project.catch_up) if tip is not None else iter(())


def _removed(project: Project) -> frozenset[str]:
    """Return the ids of the runs that were removed."""
    repository = project.repository
    facts = facts_between(repository, None, repository.objects.commit(NOTES))
    return frozenset(run for run, said in facts if said.removed)
