"""What decides a result, as one oid: the same experiment has the same one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gitexp.data.pointers import Pointer
from gitexp.git.edited import TreeEditor
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import (
    EditedEntries,
    TreeEntries,
    differences,
    edited,
    paths_below,
)
from gitexp.git.trees import Entries, Entry, is_below, object_oid
from gitexp.model.record import Inputs
from gitexp.project import Project
from gitexp.revisions.deciding import points_at_outputs, without_outputs
from gitexp.revisions.kinds import notebooks_in, oddly_written_in
from gitexp.revisions.roles import Declared
from gitexp.revisions.roles_in_tree import no_inputs_in
from gitexp.revisions.written_before import earlier_outputs


def inputs_of(
    project: Project,
    entries: Entries,
    *,
    tracked: Entries,
    pointers: Mapping[str, tuple[Pointer, ...]],
    declared: Declared,
    remade: Collection[str] = (),
) -> Inputs:
    """Return the oid of the snapshot's tree without what a run may write.

    `tracked` is what the user's index has, `pointers` holds what each `.dvc` file of the snapshot
    points to, and `remade` names those whose data the command makes anew in each run. Version 2
    of the definition is in docs/reference/run-format.md.
    """
    kept, excluded = deciding_entries(
        project, entries, tracked=tracked, pointers=pointers, declared=declared, remade=remade
    )
    tree = DecidingTree(project.repository, kept, project.recorded_folders())
    return Inputs(tree.oid, excluded=excluded)


def deciding_entries(
    project: Project,
    entries: Entries,
    *,
    tracked: Entries,
    pointers: Mapping[str, tuple[Pointer, ...]],
    declared: Declared,
    remade: Collection[str] = (),
) -> tuple[Entries, tuple[str, ...]]:
    """Return the entries that the oid is made of, and the paths that are left out.

    Of the entries, those in the folders count that the project records.
    """
    folders = project.recorded_folders()
    untracked = (path for path, (known, _) in differences(tracked, entries).items() if not known)
    ours = [path for path in paths_among(untracked, folders) if path in entries]
    excluded = set(no_inputs_in(project, declared, entries)) | earlier_outputs(project, ours)
    excluded |= {path for path, some in pointers.items() if points_at_outputs(some, declared)}
    excluded.update(remade)
    out = [path for path in paths_among(excluded, folders) if path in entries]
    kept = edited(entries, dict.fromkeys(out))
    notebooks = [*paths_among(notebooks_in(kept), folders)]
    stripped = stripped_notebooks(project.repository, {path: kept[path] for path in notebooks})
    return edited(kept, stripped), tuple(sorted(out))


def paths_among(paths: Iterable[str], folders: Collection[str]) -> Iterable[str]:
    """Return the paths that lie in one of some folders."""
    listed = dict.fromkeys(paths, Entry("", ""))
    return paths_below(listed, folders)


class DecidingTree:
    """The tree of what entries have in some folders.

    Folders in which nothing is another than git has it keep their trees, and are not even read.
    """

    def __init__(self, repository: Repository, entries: Entries, folders: Collection[str]) -> None:
        self._entries = entries
        self._folders = folders
        self._editor = TreeEditor(repository)
        self.oid = self._whole(repository)

    def _whole(self, repository: Repository) -> str:
        entries, folders, editor = self._entries, self._folders, self._editor
        base = entries.base if isinstance(entries, EditedEntries) else entries
        empty = editor.edit(object_oid("tree", b"", repository.object_format), {})
        if not isinstance(base, TreeEntries):
            below = {path: entries[path] for path in paths_below(entries, folders)}
            return editor.edit(empty, below)
        tree, changes = base.tree, dict(_rewritten(entries, base))
        if "" not in folders:
            places = {one: base.folder(one) or base.get(one) for one in folders}
            tree = editor.edit(empty, {path: one for path, one in places.items() if one})
            changes = {path: changes[path] for path in paths_among(changes, folders)}
        return editor.edit(tree, changes) if changes else tree

    def __contains__(self, path: str) -> bool:
        """Return whether there is such a file."""
        return path in self._entries and any(is_below(one, path) for one in self._folders)

    def oid_with(self, blobs: Mapping[str, str]) -> str:
        """Return the oid with other contents for files that the tree has, given by their oids."""
        modes = {path: self._entries[path].mode for path in blobs}
        return self._editor.edit(
            self.oid, {path: Entry(modes[path], oid) for path, oid in blobs.items()}
        )


def _rewritten(entries: Entries, base: TreeEntries) -> Mapping[str, Entry | None]:
    """Return what of a tree is another one, or spelled another way than the index would."""
    changes = entries.changes if isinstance(entries, EditedEntries) else {}
    return {**{path: base[path] for path in oddly_written_in(base)}, **changes}


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
