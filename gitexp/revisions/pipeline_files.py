"""The `dvc.yaml` files of a project, and what is declared by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from gitexp.data.pipelines import PIPELINE_NAME, Pipeline
from gitexp.git.tree_entries import EditedEntries, TreeEntries
from gitexp.git.trees import Entry, is_below
from gitexp.project import Project
from gitexp.revisions.kinds import pipelines_in
from gitexp.revisions.links import blob_behind
from gitexp.revisions.roles import Declared


def pipeline_files(project: Project, paths: Iterable[str]) -> list[str]:
    """Return each `dvc.yaml` of the project."""
    if isinstance(paths, TreeEntries | EditedEntries):
        paths = pipelines_in(paths)
    return sorted(
        path
        for path in paths
        if path.rpartition("/")[2] == PIPELINE_NAME and is_below(project.folder, path)
    )


def pipeline_of(
    project: Project, paths: Iterable[str], read: Callable[[str], bytes | None]
) -> Pipeline:
    """Return what the `dvc.yaml` files of the project name without templates."""
    files = pipeline_files(project, paths)
    if not files:
        return Pipeline()
    from gitexp.data.dvc_yaml import read_pipelines  # noqa: PLC0415 - 0.5 ms of each start, where there is one

    return read_pipelines((path, read(path)) for path in files)


def declared_at_start(project: Project, entries: Mapping[str, Entry]) -> Declared:
    """Return what is declared, as far as it can be known without DVC."""
    read = partial(blob_behind, project, entries)
    return Declared(project, pipeline_of(project, entries, read))
