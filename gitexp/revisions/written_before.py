"""Which files of a project earlier runs wrote, and may write again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from gitexp.data.pointers import Pointer
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.project import Project
from gitexp.revisions.deciding import points_at_outputs
from gitexp.revisions.roles import Declared
from gitexp.store.stored_run import StoredRun


def earlier_outputs(project: Project, untracked: Iterable[str]) -> set[str]:
    """Return the untracked paths that an earlier run wrote, and which it may write again."""
    return set(last_writers(project, untracked))


def last_writers(project: Project, untracked: Iterable[str]) -> dict[str, int]:
    """Return the untracked paths that earlier runs wrote, with what tells the last one apart."""
    names: dict[str, str] = {project.name(TopPath(path)): path for path in untracked}
    found = project.runs.index.outputs(project.folder, names)
    return {names[name]: run for name, run in found.items()}


def made_by_runs(
    project: Project, pointers: Iterable[Pointer]
) -> Mapping[tuple[str, str], StoredRun]:
    """Return, by path and md5, the data that runs made and no person, with the last run that did.

    What a person put there since has another md5. A run that wrote over what somebody tracked
    says that it is changed, and made it from that.
    """
    paths: dict[tuple[str, str], str] = {
        (project.name(TopPath(one.path)), one.md5): one.path for one in pointers
    }
    found = project.runs.index.makers(project.folder, list(paths))
    return {
        (paths[version], version[1]): run
        for version, run in found.items()
        if run.problem is None and not _is_changed(run, version)
    }


def undeclared_files(
    pointers: Mapping[str, tuple[Pointer, ...]], declared: Declared
) -> dict[str, tuple[Pointer, ...]]:
    """Return the `.dvc` files of which no setting says that runs write their data."""
    return {
        file: some
        for file, some in pointers.items()
        if file.endswith(".dvc") and some and not points_at_outputs(some, declared)
    }


def remade_files(
    pointers: Mapping[str, Iterable[Pointer]], made: Container[tuple[str, str]]
) -> frozenset[str]:
    """Return the `.dvc` files all of whose data is among what was made."""
    return frozenset(
        file for file, some in pointers.items() if all((one.path, one.md5) in made for one in some)
    )


def _is_changed(run: StoredRun, version: tuple[str, str]) -> bool:
    return any(one.changed for one in run.record.pointers if (one.path, one.md5) == version)


def output_params(
    project: Project, declared: Declared, tracked: Container[str]
) -> frozenset[ProjectPath]:
    """Return the params files that runs write: declared outputs, or untracked and of a run."""
    paths = {*project.paths(project.params_files).values(), *declared.params_paths}
    leads = {path: declared.lead(path) for path in paths}
    untracked = {path for path in (*paths, *leads.values()) if path not in tracked}
    earlier = earlier_outputs(project, untracked)
    return frozenset(
        project.name(path)
        for path, lead in leads.items()
        if {path, lead} & earlier or declared.is_output(path) or declared.is_output(lead)
    )
