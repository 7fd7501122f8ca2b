"""A tree with some of its files changed, made without an index: the rest of it is not read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from gitexp.errors import GitexpError
from gitexp.git.loose import write_loose
from gitexp.git.repository import Repository
from gitexp.git.trees import TREE_MODE, Entry, object_oid, parsed_tree, tree_content

Changes = Mapping[str, Entry | None]
"""Entries by path, relative to the tree; None takes a file out."""


def edited_tree(
    repository: Repository, tree: str, changes: Changes, *, drops_folders: bool = False
) -> str:
    """Write a tree (or that of a commit) with the changes made, and return its oid.

    A file takes the place of a folder of its name, and the other way around; an empty
    folder is dropped. With `drops_folders` None takes out a folder as well.
    """
    editor = TreeEditor(repository, drops_folders=drops_folders)
    oid = editor.edit(tree, changes)
    for content in editor.made.values():
        if write_loose(repository, "tree", content) is None:
            repository.git("hash-object", "-w", "-t", "tree", "--stdin", stdin=content)
    return oid


class TreeEditor:
    """Changes trees, and keeps those that it makes until somebody writes them."""

    def __init__(self, repository: Repository, *, drops_folders: bool = False) -> None:
        self._repository = repository
        self._drops_folders = drops_folders
        self.made: dict[str, bytes] = {}
        """The content of each tree that was made, by its oid."""

    def find(self, tree: str, path: str) -> Entry | None:
        """Return the file or folder at a path of a tree."""
        name, _, rest = path.partition("/")
        entry = self._read(tree).get(os.fsencode(name))
        if entry is None or not rest:
            return entry
        return self.find(entry.oid, rest) if entry.mode == TREE_MODE else None

    def files(self, entry: Entry) -> Iterator[str]:
        """Yield the oids of all files in a folder, or that of the one file."""
        if entry.mode != TREE_MODE:
            yield entry.oid
            return
        for inside in self._read(entry.oid).values():
            yield from self.files(inside)

    def edit(self, tree: str, changes: Changes) -> str:
        """Return the oid of a tree with the changes made."""
        return self._edited(tree, changes) or self._keep(b"")

    def _edited(self, tree: str | None, changes: Changes) -> str | None:
        entries = self._read(tree) if tree is not None else {}
        below: dict[bytes, dict[str, Entry | None]] = {}
        for path, entry in changes.items():
            first, slash, rest = path.partition("/")
            name = os.fsencode(first)
            if slash:
                below.setdefault(name, {})[rest] = entry
            elif entry is not None:
                entries[name] = entry
            elif name in entries and (self._drops_folders or entries[name].mode != TREE_MODE):
                del entries[name]
        for name, inside in below.items():
            folder = entries.get(name)
            is_folder = folder is not None and folder.mode == TREE_MODE
            if is_folder or any(inside.values()):
                oid = self._edited(folder.oid if folder and is_folder else None, inside)
                entries.pop(name, None)
                if oid is not None:
                    entries[name] = Entry(TREE_MODE, oid)
        return self._keep(tree_content(entries)) if entries else None

    def _read(self, tree: str) -> dict[bytes, Entry]:
        content = self.made.get(tree)
        if content is None:
            found = self._repository.objects.read(f"{tree}^{{tree}}")
            if found is None:  # never to be taken for an empty one
                raise GitexpError(
                    f"tree {tree} cannot be read", hint="Run `git fsck` to see what is wrong."
                )
            content = found.content
        return parsed_tree(content, self._repository.object_format)

    def _keep(self, content: bytes) -> str:
        oid = object_oid("tree", content, self._repository.object_format)
        self.made[oid] = content
        return oid
