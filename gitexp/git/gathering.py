"""The files of a tree that somebody wants, found folder by folder.

A folder that was looked into before, and has not changed since, is not read again: what it holds
was written down. So a look at a tree costs what has changed in it, however large it is.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.git.trees import TREE_MODE, Entry, parsed_tree
from gitexp.model.sealed import sealed, unsealed

Kinds = Mapping[str, list[str]]
"""Paths by the kind that they are of; one may be of several."""

_SHA1 = 40
"""Digits of an oid."""

_OTHER_TREE = "040000"
"""How some tools have written the mode of a folder."""


class Sorter(Protocol):
    """Says which files of a folder are of which kind."""

    @property
    def key(self) -> str:
        """What tells it from sorters that would say something else."""
        ...

    def sort(self, folder: str, files: Mapping[str, Entry]) -> Kinds:
        """Return the names of the files by their kinds; by these and the folder alone."""
        ...


class _Folder(Struct, frozen=True):
    """A folder in which something is of a kind, or below it."""

    oid: str
    here: Kinds
    below: Mapping[str, str]
    """Such folders in it, with the oids of their trees."""


class _Memory:
    """What was found in folders before; of one path, what its last version held."""

    def __init__(self, file: Path | None, key: str) -> None:
        self._file, self._key = file, key
        self.plain: dict[str, str] = {}
        """Folders with nothing of a kind in them, by path, with the oids of their trees."""
        self.others: dict[str, _Folder] = {}
        if file is None:
            return
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found: Any = json.loads(unsealed(file.read_bytes()))
            if found["key"] == key:
                others = {path: _Folder(*one) for path, one in found["others"].items()}
                self.plain, self.others = dict(found["plain"]), others

    def knows(self, path: str, oid: str) -> bool:
        """Return whether this version of a folder was looked into."""
        one = self.others.get(path)
        return self.plain.get(path) == oid or (one is not None and one.oid == oid)

    def learn(self, path: str, found: _Folder) -> None:
        """Take in what a folder holds; what the folders in it hold is known by now."""
        below = {
            name: oid
            for name, oid in found.below.items()
            if self.plain.get(f"{path}{name}/") != oid
        }
        self.plain.pop(path, None)
        self.others.pop(path, None)
        if found.here or below:
            self.others[path] = _Folder(found.oid, found.here, below)
        else:
            self.plain[path] = found.oid

    def keep(self) -> None:
        """Write it down, if that can be done: it is found again otherwise."""
        if self._file is None:
            return
        others = {path: (one.oid, one.here, one.below) for path, one in self.others.items()}
        text = json.dumps({"key": self._key, "plain": self.plain, "others": others})
        temporary = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(exist_ok=True)
            temporary.write_bytes(sealed(text.encode()))
            temporary.replace(self._file)
        except OSError:
            temporary.unlink(missing_ok=True)


def gather(repository: Repository, tree: str, sorter: Sorter, memory: Path | None = None) -> Kinds:
    """Return the paths of a tree by their kinds, in git's order.

    `memory` is the file in which it is written down what folders hold.
    """
    known = _Memory(memory, sorter.key)
    found: dict[str, list[str]] = {}
    new: dict[str, _Folder] = {}
    todo = [("", tree)]  # folders as 'a/b/', the top as ''
    while todo:
        unread = [(path, oid) for path, oid in todo if not known.knows(path, oid)]
        read = dict(zip((path for path, _ in unread), _read(repository, unread), strict=True))
        new |= {path: _sorted(path, oid, read[path], sorter) for path, oid in unread}
        looked = [(path, new.get(path) or known.others.get(path)) for path, _ in todo]
        todo = []
        for path, one in looked:
            if one is None:
                continue
            for kind, names in one.here.items():
                found.setdefault(kind, []).extend(f"{path}{name}" for name in names)
            todo += ((f"{path}{name}/", oid) for name, oid in one.below.items())
    for path in reversed(new):  # what is in a folder, before the folder
        known.learn(path, new[path])
    if new:
        known.keep()
    return {kind: sorted(paths, key=os.fsencode) for kind, paths in found.items()}


def sort_all(entries: Mapping[str, Entry], sorter: Sorter) -> Kinds:
    """Return the same of files that are listed."""
    folders: dict[str, dict[str, Entry]] = {}
    for path, entry in entries.items():
        folder, slash, name = path.rpartition("/")
        folders.setdefault(f"{folder}{slash}", {})[name] = entry
    found: dict[str, list[str]] = {}
    for folder, files in folders.items():
        for kind, names in sorter.sort(folder.removesuffix("/"), files).items():
            found.setdefault(kind, []).extend(f"{folder}{name}" for name in names)
    return {kind: sorted(paths, key=os.fsencode) for kind, paths in found.items()}


def _read(repository: Repository, folders: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    oids = [oid for _, oid in folders]
    for oid, one in zip(oids, repository.objects.read_all(oids), strict=True):
        if one is None or one.kind != "tree":  # never to be taken for an empty one
            raise GitexpError(
                f"tree {oid} cannot be read", hint="Run `git fsck` to see what is wrong."
            )
        yield one.content


def _format_of(oid: str) -> str:
    return "sha1" if len(oid) == _SHA1 else "sha256"


def _sorted(path: str, oid: str, content: bytes, sorter: Sorter) -> _Folder:
    files: dict[str, Entry] = {}
    below: dict[str, str] = {}
    for name, entry in parsed_tree(content, _format_of(oid)).items():
        if entry.mode in (TREE_MODE, _OTHER_TREE):
            below[os.fsdecode(name)] = entry.oid
        else:
            files[os.fsdecode(name)] = entry
    here = sorter.sort(path.removesuffix("/"), files)
    return _Folder(oid, {kind: list(names) for kind, names in here.items() if names}, below)
