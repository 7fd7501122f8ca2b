"""What decides a result, as one oid: the same experiment has the same one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gitexp.data.pointers import Pointer
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, is_below, object_oid, tree_oid
from gitexp.model.record import Inputs
from gitexp.project import Project
from gitexp.revisions.deciding import may_decide, without_outputs
from gitexp.revisions.roles import Declared, earlier_outputs


def inputs_of(
    project: Project,
    entries: Mapping[str, Entry],
    *,
    tracked: Collection[str],
    pointers: Mapping[str, tuple[Pointer, ...]],
    declared: Declared,
) -> Inputs:
    """Return the oid of the snapshot's tree without what a run may write.

    `pointers` holds what each `.dvc` file of the snapshot points to. Version 2 of the
    definition is in docs/reference/run-format.md.
    """
    kept, excluded = deciding_entries(
        project, entries, tracked=tracked, pointers=pointers, declared=declared
    )
    return Inputs(tree_oid(kept, project.repository.object_format), excluded=excluded)


def deciding_entries(
    project: Project,
    entries: Mapping[str, Entry],
    *,
    tracked: Collection[str],
    pointers: Mapping[str, tuple[Pointer, ...]],
    declared: Declared,
) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """Return the entries that the oid is made of, and the paths that are left out."""
    folders = project.recorded_folders()
    below = [path for path in entries if any(is_below(folder, path) for folder in folders)]
    earlier = earlier_outputs(project, [path for path in below if path not in tracked])
    excluded = {
        path
        for path in below
        if path in earlier or not may_decide(path, declared, pointers.get(path, ()))
    }
    kept = {path: entries[path] for path in below if path not in excluded}
    kept |= stripped_notebooks(project.repository, kept)
    return kept, tuple(sorted(excluded))


def stripped_notebooks(repository: Repository, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the notebooks as they would be without what their cells printed."""
    paths = [path for path in entries if path.endswith(".ipynb")]
    found = repository.objects.read_many(entries[path].oid for path in paths)
    stripped = {}
    for path, notebook in zip(paths, found, strict=True):
        content = without_outputs(notebook.content) if notebook else None
        if content is not None:
            oid = object_oid("blob", content, repository.object_format)
            stripped[path] = Entry(entries[path].mode, oid)
    return stripped
