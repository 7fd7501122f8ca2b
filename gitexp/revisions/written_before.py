"""Which files of a project earlier runs wrote, and may write again."""

from __future__ import annotations

from collections.abc import Container, Iterable

from gitexp.model.paths import ProjectPath, TopPath
from gitexp.project import Project
from gitexp.revisions.roles import Declared


def earlier_outputs(project: Project, untracked: Iterable[str]) -> set[str]:
    """Return the untracked paths that an earlier run wrote, and which it may write again."""
    return set(last_writers(project, untracked))


def last_writers(project: Project, untracked: Iterable[str]) -> dict[str, int]:
    """Return the untracked paths that earlier runs wrote, with what tells the last one apart."""
    names: dict[str, str] = {project.name(TopPath(path)): path for path in untracked}
    found = project.runs.index.outputs(project.folder, names)
    return {names[name]: run for name, run in found.items()}


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
