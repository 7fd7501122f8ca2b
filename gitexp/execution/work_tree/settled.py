"""Folders that earlier runs left and that nobody has touched since: known without a look inside."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.execution.work_tree.files import Signature
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.git.trees import is_below
from gitexp.revisions.links import above

_OF_OTHERS = frozenset({".git", "pyvenv.cfg", "node_modules", ".gitexp"})
"""What a folder has in it that belongs to a repository, an environment, npm or gitexp."""
_SECOND = 1_000_000_000
_TICK = _SECOND // 10
"""The coarsest clock of a kernel, in ns, and more."""


class Settled(Struct, frozen=True):
    """The folder of one run; paths are from the top of the repository."""

    folder: str
    run: str
    """The id of the run."""
    folders: Mapping[str, Signature]
    """It and every folder in it, as they were when git was last asked about them."""
    found: Mapping[str, Signature]
    """Every file in it."""
    files: tuple[str, ...]
    """What git does not ignore, as the run left it."""
    watched: tuple[WatchedPointer, ...]
    named: tuple[str, ...]
    """What git ignores, and the settings name."""
    models: tuple[str, ...]
    """What git ignores, and looks like models."""
    tells: Mapping[str, tuple[str, ...]]
    """The files by which it is seen whether one is read, behind a pointer or not."""


def around(settled: Iterable[Settled]) -> dict[str, set[str]]:
    """Return the folders around settled ones, with the ids of the runs that wrote those."""
    by_parent: dict[str, set[str]] = defaultdict(set)
    for one in settled:
        by_parent[one.folder.rpartition("/")[0]].add(one.run)
    found: dict[str, set[str]] = defaultdict(set)
    for parent, runs in by_parent.items():
        for folder in (*above(parent), parent):
            found[folder] |= runs
    return found


def still_settled(top: Path, settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """Return the folders in which no file was made, removed or replaced."""
    base = f"{top}/"
    return tuple(one for one in settled if _is_as_it_was(base, one.folders))


def untouched(top: Path, settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """Return the folders in which nothing was written at all."""
    base = f"{top}/"
    return tuple(
        one
        for one in settled
        if _is_as_it_was(base, one.folders) and _is_as_it_was(base, one.found)
    )


def _is_as_it_was(base: str, found: Mapping[str, Signature]) -> bool:
    """Return whether nothing was changed: nobody can put back the time of the last change."""
    lstat = os.lstat
    try:
        for path, known in found.items():
            now = lstat(base + path)
            if now.st_ctime_ns != known[1] or now.st_ino != known[3]:
                return False
    except OSError:
        return False
    return True


class PassedOver:
    """The settled folders, as what git need not list.

    Git is not asked about the folders around them either, since it would look through a long
    list of them for each path: what else is there is found here, and handed to git by its name.
    """

    def __init__(
        self, top: Path, settled: Iterable[Settled], below: Iterable[str], tracked: Container[str]
    ) -> None:
        self._top = top
        self._tracked = tracked
        self._settled = {one.folder for one in settled}
        parents: dict[str, list[str]] = defaultdict(list)
        for folder in self._settled:
            parents[folder.rpartition("/")[0]].append(folder)
        self._on_the_way = {folder for one in parents for folder in (*above(one), one)}
        wide = {"", *below, *(folder for one in below for folder in above(one))}
        around = parents.keys() - wide
        self._around = {one for one in around if around.isdisjoint(above(one))}
        alone = (folder for one in parents.keys() & wide for folder in parents[one])
        self._hidden = sorted((*self._around, *alone))

    @property
    def options(self) -> list[str]:
        """What has git pass over them."""
        return [f"--exclude=/{escaped(folder)}/" for folder in self._hidden]

    def without(self, listed: Iterable[str]) -> list[str]:
        """Return what git lists without those that it was told to ignore."""
        hidden = frozenset(self._hidden)
        if not hidden:
            return list(listed)
        return [
            path
            for path in listed
            if path.rstrip("/") not in hidden and hidden.isdisjoint(above(path))
        ]

    def beside(self) -> tuple[list[str], list[str]]:
        """Return the folders and files beside the settled folders that git does not track."""
        folders: list[str] = []
        files: list[str] = []
        pending = sorted(self._around)
        while pending:
            place = pending.pop()
            for entry in _inside(self._top / place):
                path = f"{place}/{entry.name}"
                if path in self._settled or path in self._tracked:
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    files.append(path)
                elif path in self._on_the_way:
                    pending.append(path)
                else:
                    folders.append(path)
        return folders, files


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    for _ in range(2):  # what fails once may pass
        try:
            with os.scandir(folder) as found:
                return list(found)
        except OSError:
            continue
    return []


def escaped(path: str) -> str:
    """Return a path as a pattern of git's that means it alone."""
    return "".join(f"\\{letter}" if letter in "\\*?[" else letter for letter in path)


class State(Struct, frozen=True):
    """What is in a folder: the folders, itself included, and the files."""

    folders: Mapping[str, Signature]
    files: Mapping[str, Signature]


def settled_state(top: Path, folder: str, before: int, most: int) -> State | None:
    """Return what is in a folder, None if it may not be passed over.

    It is not if something in it was touched since `before` (ns), is neither file nor folder, is
    one of several links to the same bytes, or belongs to a repository or an environment of its
    own; nor are folders of more than `most` files.
    """
    found, folders = dict[str, Signature](), dict[str, Signature]()
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            one = os.lstat(f"{top}/{path}")
        except OSError:
            return None
        is_folder = stat.S_ISDIR(one.st_mode)
        is_plain = is_folder or (stat.S_ISREG(one.st_mode) and one.st_nlink == 1)
        if (
            not is_plain
            or _is_recent(one.st_ctime_ns, before)
            or len(found) > most
            or not _is_text(path)
        ):
            return None
        state = (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)
        (folders if is_folder else found)[path] = state
        if is_folder:
            names = [entry.name for entry in _inside(top / path)]
            if not _OF_OTHERS.isdisjoint(names):
                return None
            pending += [f"{path}/{name}" for name in names]
    return State(folders, found)


def _is_recent(changed: int, before: int) -> bool:
    """Return whether a later change may have left the same time, where seconds are counted, too."""
    return changed + (_TICK if changed % _SECOND else 2 * _SECOND) >= before


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def outermost_of_one(
    wrote: Mapping[str, int], others: Iterable[str], kept: Collection[str]
) -> dict[str, int]:
    """Return the outermost folders in which one run wrote all files, with what tells it apart.

    `others` are files that no run left there; the folders of `kept` are not taken as a whole.

    >>> outermost_of_one({"runs/1/a": 7, "runs/1/x/b": 7, "runs/2/c": 8, "y/d": 8}, ["y/e"], [])
    {'runs/1': 7, 'runs/2': 8}
    """
    mixed = {*kept, *(folder for path in others for folder in above(path))}
    owners: dict[str, int] = {}
    for path, run in wrote.items():
        for folder in above(path):
            if owners.setdefault(folder, run) != run:
                mixed.add(folder)
    return {
        folder: run
        for folder, run in owners.items()
        if folder not in mixed and all(one in mixed for one in above(folder))
    }


def is_near(folder: str, path: str) -> bool:
    """Return whether a path is a folder, in it, or around it."""
    return is_below(folder, path) or is_below(path, folder)
