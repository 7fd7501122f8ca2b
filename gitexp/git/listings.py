"""The files of many trees that have most of their folders in common, without a process for each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from gitexp.git.repository import Repository
from gitexp.git.trees import TREE_MODE, Entry


class TreeReader:
    """Lists trees; a folder that several of them share is read once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._width = 32 if repository.object_format == "sha256" else 20
        self._known: dict[str, Mapping[str, Entry]] = {}

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file of a tree; nothing if the repository lacks it."""
        if tree not in self._known:
            self._known[tree] = dict(self._files(tree))
        return self._known[tree]

    def _files(self, tree: str) -> Iterator[tuple[str, Entry]]:
        found = self._repository.objects.read(tree)
        for name, entry in self._children(found.content if found is not None else b""):
            if entry.mode == TREE_MODE:
                for path, inside in self.entries(entry.oid).items():
                    yield f"{name}/{path}", inside
            else:
                yield name, entry

    def _children(self, content: bytes) -> Iterator[tuple[str, Entry]]:
        position = 0
        while position < len(content):
            space, end = content.index(b" ", position), content.index(b"\0", position)
            name, oid = content[space + 1 : end], content[end + 1 : end + 1 + self._width]
            mode = content[position:space].decode()
            yield os.fsdecode(name), Entry(mode, oid.hex())
            position = end + 1 + self._width
