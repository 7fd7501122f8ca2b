"""The files of a tree as a mapping, of which a folder is read when somebody asks about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.gathering import Kinds, Sorter, gather, sort_all
from gitexp.git.repository import Repository
from gitexp.git.trees import TREE_MODE, Entries, Entry, is_below, parsed_tree

_FILE_MODES = {"100664": "100644", "100775": "100755"}
"""What very old versions of git have written, and what the index makes of it."""


class TreeEntries(Mapping[str, Entry]):
    """The entries of a tree by path, in the order of the index; read when they are needed.

    `memory` is a folder in which it may be written down what folders of trees hold.
    """

    def __init__(self, repository: Repository, tree: str, memory: Path | None = None) -> None:
        self.tree = tree
        self._repository = repository
        self._memory = memory
        self._read: dict[str, dict[str, Entry]] = {}
        self._kinds: dict[str, Kinds] = {}

    def at(self, tree: str) -> TreeEntries:
        """Return the entries of a tree, another one or this."""
        if tree == self.tree:
            return self
        return TreeEntries(self._repository, tree, self._memory)

    def gathered(self, sorter: Sorter, name: str) -> Kinds:
        """Return the paths by the kinds that a sorter tells; `name` is that of its memory."""
        if sorter.key not in self._kinds:
            file = self._memory / f"{name}.json" if self._memory is not None else None
            self._kinds[sorter.key] = gather(self._repository, self.tree, sorter, file)
        return self._kinds[sorter.key]

    def folder(self, path: str) -> Entry | None:
        """Return the tree of a folder, '' being the top."""
        if not path:
            return Entry(TREE_MODE, self.tree)
        found = self._find(path)
        return found if found is not None and found.mode == TREE_MODE else None

    def below(self, folder: str) -> Iterator[str]:
        """Yield the files in a folder."""
        found = self.folder(folder)
        if found is not None:
            yield from (path for path, _ in self._walk(folder, found.oid))

    def __getitem__(self, path: str) -> Entry:
        """Return the entry of a file."""
        found = self._find(path)
        if found is None or found.mode == TREE_MODE:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all files; every folder is read."""
        return (path for path, _ in self._walk("", self.tree))

    def __len__(self) -> int:
        """Count the files; every folder is read."""
        return sum(1 for _ in self)

    def differing(
        self, other: TreeEntries, folder: str = ""
    ) -> Iterator[tuple[str, tuple[Entry | None, Entry | None]]]:
        """Yield the files of a folder that are others in another tree."""
        mine, theirs = self._in(folder), other._in(folder)
        for name in dict.fromkeys((*mine, *theirs)):
            path = f"{folder}/{name}" if folder else name
            pair = (mine.get(name), theirs.get(name))
            if pair[0] == pair[1]:
                continue
            files = tuple(None if one and one.mode == TREE_MODE else one for one in pair)
            if files != (None, None):
                yield path, (files[0], files[1])
            if any(one and one.mode == TREE_MODE for one in pair):
                yield from self.differing(other, path)

    def _in(self, folder: str) -> Mapping[str, Entry]:
        found = self.folder(folder)
        return self._children(folder, found.oid) if found is not None else {}

    def _find(self, path: str) -> Entry | None:
        """Return what is at a path, a file or a folder."""
        folder, slash, name = path.rpartition("/")
        if not slash:
            return self._children("", self.tree).get(path)
        if folder in self._read:
            return self._read[folder].get(name)
        above = self._find(folder)
        if above is None or above.mode != TREE_MODE:
            return None
        return self._children(folder, above.oid).get(name)

    def _children(self, folder: str, tree: str) -> dict[str, Entry]:
        known = self._read.get(folder)
        if known is None:
            known = self._read[folder] = dict(self._parsed(tree))
        return known

    def _parsed(self, tree: str) -> Iterator[tuple[str, Entry]]:
        found = self._repository.objects.read(tree)
        if found is None or found.kind != "tree":  # never to be taken for an empty one
            raise GitexpError(
                f"tree {tree} cannot be read", hint="Run `git fsck` to see what is wrong."
            )
        for name, entry in parsed_tree(found.content, self._repository.object_format).items():
            mode = TREE_MODE if entry.mode == "040000" else _FILE_MODES.get(entry.mode, entry.mode)
            yield os.fsdecode(name), entry if mode == entry.mode else Entry(mode, entry.oid)

    def _walk(self, folder: str, tree: str) -> Iterator[tuple[str, Entry]]:
        start = f"{folder}/" if folder else ""
        for name, entry in self._children(folder, tree).items():
            if entry.mode == TREE_MODE:
                yield from self._walk(f"{start}{name}", entry.oid)
            else:
                yield f"{start}{name}", entry


class EditedEntries(Mapping[str, Entry]):
    """Entries with some of them exchanged, added or taken out; None stands for what is gone."""

    def __init__(self, base: Entries, changes: Mapping[str, Entry | None]) -> None:
        self.base = base
        self.changes = changes

    def __getitem__(self, path: str) -> Entry:
        """Return the entry of a file."""
        if path not in self.changes:
            return self.base[path]
        found = self.changes[path]
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all files, those that are new at the end."""
        changes = self.changes
        kept = (path for path in self.base if path not in changes or changes[path] is not None)
        new = (path for path, one in changes.items() if one is not None and path not in self.base)
        yield from kept
        yield from new

    def __len__(self) -> int:
        """Count the files."""
        return sum(1 for _ in self)


def edited(base: Entries, changes: Mapping[str, Entry | None]) -> Entries:
    """Return entries with changes made to them."""
    if not changes:
        return base
    if isinstance(base, EditedEntries):
        return EditedEntries(base.base, {**base.changes, **changes})
    return EditedEntries(base, changes)


def of_kind(entries: Entries, sorter: Sorter, kind: str, name: str) -> list[str]:
    """Return the paths that are of a kind, as a sorter tells; `name` is that of its memory."""
    if isinstance(entries, TreeEntries):
        return entries.gathered(sorter, name).get(kind, [])
    if not isinstance(entries, EditedEntries):
        return sort_all(entries, sorter).get(kind, [])
    changes = entries.changes
    kept = [path for path in of_kind(entries.base, sorter, kind, name) if path not in changes]
    new = {path: one for path, one in changes.items() if one is not None}
    return sorted([*kept, *sort_all(new, sorter).get(kind, [])], key=os.fsencode)


def paths_below(entries: Entries, folders: Iterable[str]) -> Iterator[str]:
    """Yield the files that are, or lie in, one of some places."""
    places = list(folders)
    if isinstance(entries, TreeEntries):
        found: dict[str, None] = {}
        for place in places:
            found |= dict.fromkeys([place] if place in entries else entries.below(place))
        yield from found
    elif isinstance(entries, EditedEntries):
        changes = entries.changes
        yield from (path for path in paths_below(entries.base, places) if path not in changes)
        new = (path for path, one in changes.items() if one is not None)
        yield from (path for path in new if any(is_below(place, path) for place in places))
    else:
        yield from (path for path in entries if any(is_below(place, path) for place in places))


def differences(one: Entries, other: Entries) -> dict[str, tuple[Entry | None, Entry | None]]:
    """Return the files that differ, with both entries; folders that are the same are not read."""
    if one is other:
        return {}
    if isinstance(one, TreeEntries) and isinstance(other, TreeEntries):
        return dict(one.differing(other))
    bases, changes = zip(*map(_parts, (one, other)), strict=True)
    if bases == (one, other):
        paths = dict.fromkeys((*one, *other))
    else:
        paths = dict.fromkeys((*differences(*bases), *changes[0], *changes[1]))
    pairs = ((path, (one.get(path), other.get(path))) for path in paths)
    return {path: both for path, both in pairs if both[0] != both[1]}


def _parts(entries: Entries) -> tuple[Entries, Mapping[str, Entry | None]]:
    if isinstance(entries, EditedEntries):
        return entries.base, entries.changes
    return entries, {}


def has_below(entries: Entries, place: str) -> bool:
    """Return whether there is a file at a place, or in it."""
    return next(paths_below(entries, [place]), None) is not None
