"""Which folders of earlier runs are settled: found out while a command runs, for the next run.

A folder is settled if one run wrote all that git does not ignore in it, if nothing in it was
touched shortly before git was asked about it, and if no link and no declared value is in it.
Its files are looked at again when a command has ended: whether it was the command that wrote one
then, the time of its change tells.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.execution.kept.scratch import PLAN
from gitexp.execution.kept.settled import write_down
from gitexp.execution.stages import Started
from gitexp.execution.work_tree.files import Signature
from gitexp.execution.work_tree.settled import (
    Settled,
    State,
    is_near,
    outermost_of_one,
    settled_state,
)
from gitexp.execution.work_tree.telling import telling
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import is_below
from gitexp.revisions.links import above
from gitexp.revisions.written_before import last_writers

_MOST = 500
"""Files of one folder."""


def settle(started: Started) -> None:
    """Write down which folders are settled, for the next run."""
    project, untracked = started.project, started.snapshot.untracked
    if project.home is not None or not started.plan.command:
        return
    new = _new(started) if untracked.earlier else ()
    if not new:
        return
    write_down(project, (*untracked.settled, *new), _before(started), started.plan.id)


def _new(started: Started) -> tuple[Settled, ...]:
    snapshot, project = started.snapshot, started.project
    untracked, top = snapshot.untracked, project.repository.top
    earlier = frozenset(untracked.earlier)
    wrote = last_writers(project, earlier)
    others = [path for path in untracked.signatures if path not in earlier]
    others += [f"{one}/" for one in (*untracked.nested, *untracked.environments)]
    others += [f"{one.folder}/" for one in untracked.settled]
    found = outermost_of_one(wrote, others, project.recorded_folders())
    found = _without_foreign(started, found)
    before = _before(started)
    states = {one: settled_state(top, one, before, _MOST) for one in found}
    positions = sorted(set(found.values()))
    runs = dict(zip(positions, project.runs.index.at(positions), strict=True))
    tells = telling(top, started.watched, untracked.earlier) if found else {}
    return tuple(
        _settled(started, folder, runs[found[folder]].id, state, tells)
        for folder, state in states.items()
        if state is not None and _is_whole(started, folder, state.files)
    )


def _before(started: Started) -> int:
    """Return a time before git was asked, in ns."""
    return (started.scratch / PLAN).stat().st_mtime_ns


def _without_foreign(started: Started, found: Mapping[str, int]) -> dict[str, int]:
    """Return the folders in which nothing is tracked, and to which neither link nor data leads."""
    starts = tuple(f"{folder}/" for folder in found)
    tracked = [path for path in started.snapshot.entries if path.startswith(starts)]
    held = {folder for path in tracked for folder in above(path)}
    near = [*started.links.inside.values(), *started.declared.held_out, *started.ignored.outs]
    near += [one.pointer.path for one in started.watched if not one.earlier]
    return {
        folder: run
        for folder, run in found.items()
        if folder not in held and not any(is_near(folder, path) for path in near)
    }


def _is_whole(started: Started, folder: str, files: Mapping[str, Signature]) -> bool:
    """Return whether a folder is what it was when git listed it, with all its data in it."""
    untracked = started.snapshot.untracked.signatures
    ours = [path for path in untracked if is_below(folder, path)]
    metrics = (p for p in started.ignored.named if started.declared.is_metric(p))
    return (
        all(files.get(path) == untracked[path] for path in ours)
        and all(one.pointer.path in files for one in _watched(started, folder))
        and not any(is_below(folder, path) for path in metrics)
    )


def _watched(started: Started, folder: str) -> list[WatchedPointer]:
    return [one for one in started.watched if one.earlier and is_below(folder, one.file)]


def _settled(
    started: Started, folder: str, run: str, state: State, tells: Mapping[str, tuple[str, ...]]
) -> Settled:
    earlier, ignored = started.snapshot.untracked.earlier, started.ignored
    return Settled(
        *(folder, run, state.folders, state.files),
        files=tuple(path for path in earlier if is_below(folder, path)),
        watched=tuple(_watched(started, folder)),
        named=tuple(path for path in ignored.named if path in state.files),
        models=tuple(path for path in ignored.models if path in state.files),
        tells={path: found for path, found in tells.items() if is_below(folder, path)},
    )
