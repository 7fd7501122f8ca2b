"""Where the definition of a sweep is kept, and how a sweep is found by what people call it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.secrets.guard import check_text
from gitexp.git.refs import list_refs
from gitexp.model.names import is_id
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.store.covered import DEFINITION as COVERED
from gitexp.store.covered import covered_sweeps, place_of
from gitexp.store.frozen import DEFINITION
from gitexp.store.index.sweeps import (
    SweepName,
    furthest_of_sweep,
    known_among,
    last_sweep,
    run_of_sweep,
    sweeps_called,
)
from gitexp.store.own import SWEEPS, own_folder
from gitexp.store.stored_run import StoredRun
from gitexp.sweep.checked import checked
from gitexp.sweep.sweep import SWEEP_FILE, Sweep, from_json, to_json

LATEST = "latest"
_SHORTEST = 3
"""Characters of an id that will do."""


def folder_of(project: Project, sweep_id: str) -> Path:
    """Return the folder of a sweep while it is under way."""
    return own_folder(project.repository).sweeps / sweep_id


def check_definition(sweep: Sweep) -> None:
    """Raise GitexpError if a definition holds a secret: it comes into the tree of every run."""
    check_text("the sweep", to_json(sweep))


def read_definition(project: Project, sweep_id: str) -> Sweep | None:
    """Return a sweep by its id, or None: from its folder, a run's tree, or what needed no run.

    What says to have another id than its words make is not believed. Raises GitexpError for one
    that leads out of the project.
    """
    kept = _kept(project, sweep_id)
    if kept is not None:
        return kept
    run = _run_with(project, sweep_id)
    if run is not None:
        return _of_run(project, run, sweep_id)
    return _read(place_of(project.repository, sweep_id, COVERED), sweep_id)


def _of_run(project: Project, run: StoredRun, sweep_id: str) -> Sweep | None:
    """Return the definition that a run has in its tree."""
    name = project.path(ProjectPath(SWEEP_FILE))
    content = project.repository.objects.blob(f"{run.oid}:{name}")
    found = from_json(content) if content is not None else None
    return checked(found) if found is not None and found.id == sweep_id else None


def remember_wanted(project: Project, sweep: Sweep) -> None:
    """Write down how many points are wanted, for those who go on: `--resume`, agents, clones."""
    from gitexp.data.replacing import replace_content  # noqa: PLC0415 - 2 ms, where that is another number

    kept = _kept(project, sweep.id)
    if kept is not None and kept.wanted != sweep.wanted:
        content = to_json(replace(kept, wanted=sweep.wanted))
        replace_content(folder_of(project, sweep.id) / DEFINITION, content, onto_disk=True)


def wanted_elsewhere(project: Project, sweep: Sweep) -> int | None:
    """Return how many points were wanted when the furthest one was run, where that is more.

    It may have come by `gitexp pull`, from a clone in which a larger `-N` was given.
    """
    if sweep.wanted is None or project.runs.tip is None:
        return None
    run = project.runs.index.answer(lambda index: furthest_of_sweep(index, sweep.id))
    if run is None:
        return None
    there = _of_run(project, run, sweep.id)
    wanted = there.wanted if there is not None else None
    return wanted if wanted is not None and wanted > sweep.wanted else None


def source_of(project: Project, sweep_id: str) -> StoredRun | None:
    """Return the run whose tree the definition of a sweep comes from; None if it is kept here."""
    return _run_with(project, sweep_id) if _kept(project, sweep_id) is None else None


def _kept(project: Project, sweep_id: str) -> Sweep | None:
    """Return the definition in the folder of a sweep."""
    return _read(folder_of(project, sweep_id) / DEFINITION, sweep_id)


def _read(place: Path, sweep_id: str) -> Sweep | None:
    if not is_id(sweep_id):  # a record may come from anybody, and this becomes a path
        return None
    with contextlib.suppress(OSError, GitexpError):
        found = checked(from_json(place.read_bytes()))
        return found if found.id == sweep_id else None
    return None


def _run_with(project: Project, sweep_id: str) -> StoredRun | None:
    if not is_id(sweep_id) or project.runs.tip is None:
        return None
    return project.runs.index.answer(lambda index: run_of_sweep(index, sweep_id))


def under_way(project: Project) -> list[str]:
    """Return the ids of the sweeps whose snapshots are kept."""
    refs = list_refs(project.repository, SWEEPS)
    return [ref.name.removeprefix(SWEEPS) for ref in refs]


def known_ids(project: Project, ids: Iterable[str]) -> list[SweepName]:
    """Return those of some sweeps that have begun, here or, as far as pulled, anywhere."""
    wanted = list(ids)
    here = [
        SweepName(one, sweep.name)
        for one in under_way(project)
        if one in wanted and (sweep := read_definition(project, one)) is not None
    ]
    if project.runs.tip is None:
        return here
    return here + project.runs.index.answer(lambda index: known_among(index, wanted))


def find_sweep(project: Project, text: str) -> Sweep:
    """Return the sweep that a person means: an id or its start, a name, or 'latest'."""
    names = _called(project, text)
    ids = list(dict.fromkeys(one.id for one in names))
    if len(ids) > 1:
        raise GitexpError(
            f"'{text}' may be several sweeps: {', '.join(ids)}", "Give the id of one of them."
        )
    sweep = read_definition(project, ids[0]) if ids else None
    if sweep is None:
        raise GitexpError(*_not_found(text, ids))
    return sweep


def _called(project: Project, text: str) -> list[SweepName]:
    here = [
        SweepName(one, sweep.name)
        for one in under_way(project)
        if (sweep := read_definition(project, one)) is not None
    ]
    has_runs = project.runs.tip is not None
    index = project.runs.index if has_runs else None
    if text == LATEST:
        newest = max(here, key=lambda one: _begun(project, one.id), default=None)
        if newest is not None:
            return [newest]
        found = index.answer(lambda asked: last_sweep(asked, project.folder)) if index else None
        return [found] if found is not None else []
    there = index.answer(lambda asked: sweeps_called(asked, text, project.folder)) if index else []
    every = [*here, *there]
    exact = [one for one in every if text in (one.id, one.name)]
    starts = len(text) >= _SHORTEST
    fitting = exact or [one for one in every if starts and one.id.startswith(text)]
    if fitting:
        return fitting
    return [one for one in covered_sweeps(project.repository) if text in (one.id, one.name)]


def _begun(project: Project, sweep_id: str) -> float:
    with contextlib.suppress(OSError):
        return (folder_of(project, sweep_id) / DEFINITION).stat().st_mtime
    return 0.0


def _not_found(text: str, ids: list[str]) -> tuple[str, str]:
    if ids:
        return (
            f"the definition of sweep '{text}' cannot be found",
            "No run that is here holds it; `gitexp pull` may bring one.",
        )
    what = "no sweep so far" if text == LATEST else f"no sweep '{text}'"
    return what, "`gitexp pull` brings those of others; a new one needs a space and a command."
