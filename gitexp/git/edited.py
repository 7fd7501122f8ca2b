"""A tree with some of its files changed, written without an index."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gitexp.errors import GitexpError
from gitexp.git.loose import write_loose
from gitexp.git.repository import Repository
from gitexp.git.trees import TREE_MODE, Entry, parsed_tree, tree_content

Changes = Mapping[str, Entry | None]
"""Entries by path, relative to the tree; None takes a file out."""


def edited_tree(repository: Repository, tree: str, changes: Changes) -> str:
    """Write a tree with the changes made, and return its oid.

    Only the folders on the way to what changes are read and written. A file takes the
    place of a folder of its name, and the other way around; an empty folder is dropped.
    """
    return _edited(repository, tree, changes) or _written(repository, b"")


def _edited(repository: Repository, tree: str | None, changes: Changes) -> str | None:
    entries = _read(repository, tree) if tree is not None else {}
    below: dict[bytes, dict[str, Entry | None]] = {}
    for path, entry in changes.items():
        first, slash, rest = path.partition("/")
        name = os.fsencode(first)
        if slash:
            below.setdefault(name, {})[rest] = entry
        elif entry is not None:
            entries[name] = entry
        elif name in entries and entries[name].mode != TREE_MODE:
            del entries[name]
    for name, inside in below.items():
        folder = entries.get(name)
        is_folder = folder is not None and folder.mode == TREE_MODE
        if is_folder or any(inside.values()):
            oid = _edited(repository, folder.oid if folder and is_folder else None, inside)
            entries.pop(name, None)
            if oid is not None:
                entries[name] = Entry(TREE_MODE, oid)
    return _written(repository, tree_content(entries)) if entries else None


def _read(repository: Repository, tree: str) -> dict[bytes, Entry]:
    found = repository.objects.read(tree)
    if found is None:  # never to be taken for an empty one
        raise GitexpError(
            f"tree {tree} cannot be read", hint="Run `git fsck` to see what is wrong."
        )
    return parsed_tree(found.content, repository.object_format)


def _written(repository: Repository, content: bytes) -> str:
    oid = write_loose(repository, "tree", content)
    if oid is not None:
        return oid
    command = ("hash-object", "-w", "-t", "tree", "--stdin")
    return repository.line(*command, stdin=content)
