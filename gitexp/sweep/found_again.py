"""The files that a sweep began with, found again in the tree of one of its runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.execution.overrides.grammar import parse_override
from gitexp.execution.overrides.resolve import apply_overrides
from gitexp.execution.work_tree.head import HeadState
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.edited import edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.trees import Entry, is_below, tree_oid
from gitexp.model.paths import ProjectPath
from gitexp.model.record import NO_FILES, RunRecord
from gitexp.project import Project
from gitexp.rerunning.original import Original, read_original
from gitexp.rerunning.place import fetched_data
from gitexp.revisions.inputs import stripped_notebooks
from gitexp.store.index.answers import runs_at
from gitexp.store.index.sweeps import rows_of_sweep
from gitexp.store.stored_run import StoredRun
from gitexp.sweep.freeze import INDEX, Begin
from gitexp.sweep.point import Spot, point_of
from gitexp.sweep.sweep import Sweep

Tell = Callable[[str], None]

_TRIED = 5
"""Runs whose trees are looked at, before a sweep is taken for one that cannot go on here."""


def begin_again(project: Project, sweep: Sweep, tell: Tell) -> Callable[[Path], Begin]:
    """Return what gives the files that a sweep began with, without what its runs have set.

    They must give the inputs that the run has recorded, else a point would not be what it is in
    other clones.
    """

    def found(scratch: Path) -> Begin:
        problems = []
        for run in itertools.islice(_runs(project, sweep), _TRIED):
            try:
                return _begin(project, sweep, run, scratch, tell)
            except GitexpError as problem:
                problems.append(problem)
        why = f": {problems[0]}" if problems else ", and it has no run that is here"
        raise GitexpError(
            f"the files that sweep '{sweep.name or sweep.id}' began with are not here{why}",
            hint="`gitexp pull` may bring a run; or go on in the clone in which it was begun.",
        )

    return found


def _runs(project: Project, sweep: Sweep) -> list[StoredRun]:
    """Return the runs of a sweep, the first ones first: they may have the most that is needed."""
    rows = project.runs.index.answer(
        lambda index: rows_of_sweep(index, sweep.id, project.folder, 0)
    )
    places = [row.position for row in rows[:_TRIED]]
    return project.runs.index.answer(lambda index: runs_at(index, places))


def _begin(project: Project, sweep: Sweep, run: StoredRun, scratch: Path, tell: Tell) -> Begin:
    original = read_original(project, run)
    _check_inputs(project, original)
    changes = _unset(project, sweep, original)
    entries = {**original.entries, **changes}
    tree = edited_tree(project.repository, original.tree, changes) if changes else original.tree
    index = PrivateIndex(project.repository, scratch / INDEX)
    index.fill(tree, ())
    data: tuple[Pointer, ...] = fetched_data(project, original, tell)
    snapshot = Snapshot(
        index=index,
        entries=entries,
        tracked=original.base,
        signatures={},
        untracked=Untracked(),
        refused=(),
        head=HeadState(original.head, "", "", 0),
        tree=tree,
    )
    return Begin(snapshot, original.head, data)


def _check_inputs(project: Project, original: Original) -> None:
    """Raise GitexpError if the files of a run are not those that decided its result."""
    record, excluded = original.record, set(original.record.inputs.excluded)
    folders = project.recorded_folders()
    kept = {
        path: entry
        for path, entry in original.entries.items()
        if path not in excluded and any(is_below(folder, path) for folder in folders)
    }
    kept |= stripped_notebooks(project.repository, kept)
    if tree_oid(kept, project.repository.object_format) != record.inputs.oid:
        raise GitexpError(f"run '{original.run.name}' does not hold all that its result depends on")


def _unset(project: Project, sweep: Sweep, original: Original) -> dict[str, Entry]:
    """Return the params files as they were before the overrides of a run.

    They are those of the baseline if the overrides make of them just what the run has. Else what
    the run set stays: each point sets every axis anew.
    """
    record, found = original.record, dict[str, Entry]()
    if record.point is None:
        return {}
    spot = Spot(record.point.number, record.point.repeat)
    overrides = point_of(sweep, spot, record.point.values).overrides
    before = _contents(project, record, original.base)
    now = _contents(project, record, original.entries)
    if not before:
        return {}
    made = {**before, **apply_overrides(before, list(map(parse_override, overrides)))}
    for name, content in made.items():
        path = project.path(ProjectPath(name))
        if now.get(name) == content and original.entries[path] != original.base[path]:
            found[path] = original.base[path]
    return found


def _contents(
    project: Project, record: RunRecord, entries: Mapping[str, Entry]
) -> dict[str, bytes]:
    """Return the params files of a run, as far as they are there."""
    contents: dict[str, bytes] = {}
    for name in record.params:
        entry = entries.get(project.path(ProjectPath(name)))
        if name not in NO_FILES and entry is not None:
            contents[name] = project.repository.objects.blob(entry.oid) or b""
    return contents
