"""Data behind pointers in git that earlier runs of the same program made, as this one will."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitexp.data.pointers import Pointer
from gitexp.execution.at_start import pointers_at_start
from gitexp.execution.stages import Started
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.deciding import points_at_outputs
from gitexp.store.stored_run import StoredRun


def remade(started: Started) -> frozenset[str]:
    """Return the `.dvc` files whose data is no input, since runs of the command write it anew.

    What a program of another name made is an input here: features that a training reads. Each
    path is one look-up, however many runs there are.
    """
    command, declared = started.plan.command, started.declared
    if not command:
        return frozenset()
    pointers = {
        file: some
        for file, some in pointers_at_start(started).items()
        if file.endswith(".dvc") and some and not points_at_outputs(some, declared)
    }
    if not pointers:
        return frozenset()
    made = _made_by(started.project, pointers, command)
    return frozenset(
        file for file, some in pointers.items() if all(one.path in made for one in some)
    )


def made_by_runs(project: Project, paths: Iterable[str]) -> dict[str, StoredRun]:
    """Return the paths that runs made and no person, each with the last run that wrote it.

    Of what somebody tracked and a run wrote over, each run that does so says that it is changed.
    """
    names = {project.name(TopPath(path)): path for path in paths}
    found = project.runs.index.last_writers(project.folder, names)
    by_name = {name: run for name, run in found.items() if run.problem is None}
    return {
        path: by_name[name]
        for name, path in names.items()
        if name in by_name and not _is_changed(by_name[name], name)
    }


def _is_changed(run: StoredRun, name: str) -> bool:
    return any(one.changed for one in run.record.pointers if one.path == name)


def _made_by(
    project: Project, pointers: Mapping[str, Sequence[Pointer]], command: Sequence[str]
) -> set[str]:
    from gitexp.model.command.rest import rests_differ  # noqa: PLC0415 - 2 ms, where git has what runs made

    paths = [one.path for some in pointers.values() for one in some]
    return {
        path
        for path, run in made_by_runs(project, paths).items()
        if not rests_differ([command, run.record.command])
    }
