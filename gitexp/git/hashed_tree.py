"""The oid of a tree in which a few files are exchanged, without hashing all of it again."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gitexp.git.trees import TREE_MODE, Entries, Entry, object_oid, tree_content


class HashedTree:
    """A tree whose folders are hashed once; an exchanged file costs its own folders alone."""

    def __init__(self, entries: Entries, object_format: str = "sha1") -> None:
        self._format = object_format
        files: dict[bytes, Entry] = {}
        below: dict[bytes, dict[str, Entry]] = {}
        for path, entry in entries.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(os.fsencode(name), {})[rest] = entry
            else:
                files[os.fsencode(name)] = entry
        self._folders = {name: HashedTree(inside, object_format) for name, inside in below.items()}
        files |= {name: Entry(TREE_MODE, one.oid) for name, one in self._folders.items()}
        self._rows = {name: tree_content({name: entry}) for name, entry in files.items()}
        in_order = sorted(files, key=lambda name: _order(name, files[name]))
        self._rows = {name: self._rows[name] for name in in_order}
        self._modes = {name: entry.mode for name, entry in files.items()}
        self.oid: str = self._hashed({})

    def __contains__(self, path: str) -> bool:
        name, slash, rest = path.partition("/")
        if slash:
            folder = self._folders.get(os.fsencode(name))
            return folder is not None and rest in folder
        return os.fsencode(name) in self._modes and os.fsencode(name) not in self._folders

    def oid_with(self, blobs: Mapping[str, str]) -> str:
        """Return the oid with other contents for files that the tree has, given by their oids.

        >>> tree = HashedTree({"a": Entry("100644", "0" * 40)})
        >>> tree.oid_with({"a": "0" * 40}) == tree.oid
        True
        """
        rows: dict[bytes, bytes] = {}
        below: dict[bytes, dict[str, str]] = {}
        for path, oid in blobs.items():
            name, slash, rest = path.partition("/")
            key = os.fsencode(name)
            if slash:
                below.setdefault(key, {})[rest] = oid
            else:
                rows[key] = tree_content({key: Entry(self._modes[key], oid)})
        for key, inside in below.items():
            changed = self._folders[key].oid_with(inside)
            rows[key] = tree_content({key: Entry(TREE_MODE, changed)})
        return self._hashed(rows)

    def _hashed(self, exchanged: Mapping[bytes, bytes]) -> str:
        content = b"".join({**self._rows, **exchanged}.values())
        return object_oid("tree", content, self._format)


def _order(name: bytes, entry: Entry) -> bytes:
    return name + b"/" if entry.mode == TREE_MODE else name
