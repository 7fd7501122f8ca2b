"""What a purge of runs or paths comes to: nothing is changed here."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.git.trees import is_below
from gitexp.housekeeping.gc import check_idle, ids
from gitexp.housekeeping.needed import hashes_elsewhere, hashes_of
from gitexp.housekeeping.waste import Lost, RunWaste, data_of, pointers_of
from gitexp.model.purge import Purge
from gitexp.model.record import DataPointer, time_text
from gitexp.project import Project
from gitexp.store.branch import usable_tip
from gitexp.store.mirror import mirrored
from gitexp.store.purge_trust import roots_here
from gitexp.store.reading import runs_between
from gitexp.store.rewriting import Rewritten, rewrite
from gitexp.store.stored_run import RECORD_NAME, StoredRun


class PurgePlan(Struct, frozen=True):
    """What a purge comes to."""

    purge: Purge
    tip: str
    """The end of the branch that it was planned for."""
    dropped: tuple[StoredRun, ...]
    """The runs that go whole."""
    stripped: tuple[StoredRun, ...]
    """The runs that lose a path."""
    rewritten: int
    """How many other commits get new ids."""
    unsigned: tuple[StoredRun, ...]
    """The runs that stay and lose their signatures."""
    data: tuple[RunWaste, ...]
    remotes: tuple[str, ...]
    """The remotes that have, as far as is known here, what is to be purged."""
    in_work_tree: tuple[str, ...]
    """The paths that still lie in the work tree."""


def plan_purge(
    project: Project, runs: Sequence[StoredRun], paths: Sequence[str]
) -> PurgePlan | None:
    """Return what it takes to purge runs whole, or paths out of all runs; None if nothing has them.

    Paths are relative to where gitexp was started. Raises GitexpError for a path that holds
    the record of runs, and while a run is under way.
    """
    check_idle(project)
    repository = project.repository
    tip = usable_tip(
        repository,
        project.config.branch,
        list_refs(repository, f"refs/heads/{project.config.branch}"),
    )
    if tip is None:
        return None
    everything = list(runs_between(repository, None, tip, project.catch_up))
    wanted = Purge(
        id="",
        time=time_text(datetime.now(timezone.utc)),
        runs=ids(list(runs)),
        paths=frozenset(_checked(project, path, everything) for path in paths),
    )
    found = rewrite(repository, tip, None, [wanted], write=False)
    if found.tip == tip:
        _check_not_data(wanted.paths, everything)
        return None
    return _plan(project, wanted, tip, everything, found)


def _plan(
    project: Project, wanted: Purge, tip: str, everything: Sequence[StoredRun], found: Rewritten
) -> PurgePlan:
    dropped = tuple(run for run in everything if run.id in found.dropped)
    stripped = tuple(run for run in everything if run.id in found.stripped)
    kept = [run for run in everything if run.id not in found.dropped | found.stripped]
    shown = [ref.name for ref in mirrored(project.repository, found.dropped | found.stripped)]
    told = project.catch_up.reported(kept, len(kept))
    needed = hashes_elsewhere(project, shown).union(*map(hashes_of, told))
    top = project.repository.top
    return PurgePlan(
        purge=Purge(
            id="",
            time=wanted.time,
            runs=wanted.runs,
            paths=wanted.paths,
            dead=found.dead,
            roots=roots_here(project.repository),
        ),
        tip=tip,
        dropped=dropped,
        stripped=stripped,
        rewritten=len(found.commits) - len(found.dropped) - len(found.stripped),
        unsigned=tuple(run for run in everything if run.id in found.unsigned),
        data=purged_data(project, dropped, stripped, wanted.paths, needed),
        remotes=_remotes_with(project, found),
        in_work_tree=tuple(sorted(path for path in wanted.paths if os.path.lexists(top / path))),
    )


def purged_data(
    project: Project,
    dropped: Iterable[StoredRun],
    stripped: Iterable[StoredRun],
    paths: Iterable[str],
    needed: frozenset[str],
) -> tuple[RunWaste, ...]:
    """Return the data that nothing needs without these runs, and these paths of others."""
    lost: list[Lost] = [(run, pointers_of(run)) for run in dropped]
    for run in stripped:
        gone, left = _split(run, paths)
        lost.append((run, gone))
        needed |= frozenset(pointer.md5 for pointer in left)
    return data_of(project, lost, needed)[0]


def _checked(project: Project, path: str, runs: Iterable[StoredRun]) -> str:
    """Return a path from the top of the repository."""
    joined = posixpath.normpath(posixpath.join(project.directory, path))
    if joined.startswith(("/", "..")):
        raise GitexpError(f"'{path}' is outside the repository")
    place = "" if joined == "." else joined
    for project_folder in {run.project for run in runs}:
        record = posixpath.join(project_folder, RECORD_NAME)
        if is_below(place, record):
            raise GitexpError(
                f"'{path}' holds the records of runs",
                hint="Purge those runs as a whole: `gitexp purge RUN`.",
            )
    return place


def _check_not_data(paths: Iterable[str], runs: Iterable[StoredRun]) -> None:
    """Raise GitexpError for a path of which git has nothing but a hash, in a `dvc.lock`."""
    wanted = list(paths)
    for run in runs:
        gone, _ = _split(run, wanted)
        if gone:
            raise GitexpError(
                f"'{gone[0].path}' is in no run's tree: a `dvc.lock` points to its data",
                hint="Purge the runs that have it: `gitexp purge RUN...`. Their data goes too.",
            )


def _split(run: StoredRun, paths: Iterable[str]) -> tuple[list[DataPointer], list[DataPointer]]:
    """Return the pointers of a run that go with some paths, and those that stay."""
    gone: list[DataPointer] = []
    left: list[DataPointer] = []
    for pointer in pointers_of(run):
        place = posixpath.join(run.project, pointer.path)
        (gone if any(is_below(path, place) for path in paths) else left).append(pointer)
    return gone, left


def _remotes_with(project: Project, found: Rewritten) -> tuple[str, ...]:
    """Return the remotes whose branch, as it was last seen, has a commit that changes."""
    repository = project.repository
    branch = project.config.branch_on_remotes
    names = []
    for ref in list_refs(repository, f"refs/remotes/*/{branch}"):
        listed = repository.line("rev-list", ref.oid).split()
        if not found.commits.keys().isdisjoint(listed):
            names.append(ref.name.removeprefix("refs/remotes/").removesuffix(f"/{branch}"))
    return tuple(names)
