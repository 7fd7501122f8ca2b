"""What nothing needs any more: data of removed runs, whole logs, copies of the work tree."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.dvc_project import find_root, open_project
from gitexp.data.dvc_settings import read_settings
from gitexp.data.stored import StoredObjects
from gitexp.model.record import DataPointer
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.frozen import KeptSweep
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun

LOGS_KEPT = 14 * 86_400
"""Seconds for which the whole output of a run is kept beside the part that its commit holds."""


class RunWaste(Struct, frozen=True):
    """What one run alone needed, and nothing needs any more."""

    run: StoredRun
    root: Path
    """The DVC project whose cache holds the data."""
    paths: tuple[str, ...] = ()
    """The paths behind whose pointers data lies, relative to the run's project."""
    hashes: tuple[str, ...] = ()
    size: int = 0
    """Bytes."""


Data = tuple[RunWaste, ...]
Notes = tuple[str, ...]


class Waste(Struct, frozen=True):
    """All that can go."""

    runs: tuple[RunWaste, ...] = ()
    logs: tuple[Path, ...] = ()
    stores: tuple[Path, ...] = ()
    """What runs that were removed told trackers, in stores that they were offered."""
    copies: tuple[Path, ...] = ()
    """Copies of the work tree in which no run is under way."""
    sweeps: tuple[KeptSweep, ...] = ()
    """Sweeps that are over, whose files are still kept."""
    covered: tuple[Path, ...] = ()
    """What is left of sweeps that no run is known of."""
    notes: tuple[str, ...] = ()
    """What stays, and why."""
    size: int = 0
    """Bytes, all together."""


Lost = tuple[StoredRun, Sequence[DataPointer]]
"""A run with those of its pointers that it no longer has."""


def pointers_of(run: StoredRun) -> Sequence[DataPointer]:
    """Return what a run points to; nothing of a record that cannot be read."""
    try:
        return run.record.pointers
    except UnreadableRecord:
        return ()


def data_of(project: Project, lost: Iterable[Lost], needed: frozenset[str]) -> tuple[Data, Notes]:
    """Return the data in the cache that nothing needs once those pointers are gone, and notes.

    Data of two runs is reported once.
    """
    roots: dict[Path | None, list[Lost]] = {}
    for run, pointers in lost:
        by_root: dict[Path | None, list[DataPointer]] = {}
        for pointer in pointers:
            by_root.setdefault(_root(project, run, pointer), []).append(pointer)
        for root, some in by_root.items():
            roots.setdefault(root, []).append((run, some))
    found: list[RunWaste] = []
    notes: list[str] = []
    for root, those in roots.items():
        if root is None:
            continue
        cache = StoredObjects(open_project(root))
        if cache.is_outside:
            notes.append(
                f"the cache '{cache.place}' is outside '{root}': other projects may need "
                "what is in it, so nothing there is touched"
            )
            continue
        finder = _Finder(cache, needed)
        wastes = (finder.waste(run, pointers, root) for run, pointers in those)
        there = [one for one in wastes if one.hashes]
        found += there
        notes += finder.notes
        if there:
            notes.append(_elsewhere(root))
    return tuple(found), tuple(notes)


def missing_data(project: Project, run: StoredRun) -> list[str]:
    """Return the paths of a run whose data is not in the cache, wholly or in part."""
    caches: dict[Path | None, StoredObjects | None] = {None: None}
    missing = []
    for pointer in pointers_of(run):
        root = _root(project, run, pointer)
        if root is not None and root not in caches:
            caches[root] = StoredObjects(open_project(root))
        cache = caches[root]
        if cache is None or not _is_there(cache, pointer.md5):
            missing.append(pointer.path)
    return missing


def _root(project: Project, run: StoredRun, pointer: DataPointer) -> Path | None:
    """Return the DVC project that the data of a run is kept by."""
    top = project.repository.top
    return find_root((top / run.project / pointer.path).parent, top)


def _is_there(cache: StoredObjects, md5: str) -> bool:
    members = cache.members(md5) if md5.endswith(".dir") else ()
    return members is not None and all(cache.size(one) is not None for one in (md5, *members))


def _elsewhere(root: Path) -> str:
    """Return what is known of other places that have the data."""
    if not read_settings(root).remotes:
        return (
            "no DVC remote: nobody else has this data, and `gitexp restore` will not bring it back"
        )
    return "what was never sent to the DVC remote does not come back: `gitexp push --all-data`"


class _Finder:
    """Goes through removed runs, and gives each object of the cache to the first that had it."""

    def __init__(self, cache: StoredObjects, needed: frozenset[str]) -> None:
        self._cache = cache
        folders = {md5: cache.members(md5) for md5 in needed if md5.endswith(".dir")}
        self._taken = set(needed).union(*filter(None, folders.values()))
        self._unknown = sum(members is None for members in folders.values())

    @property
    def notes(self) -> tuple[str, ...]:
        note = (
            f"{self._unknown} folders that others need are not in the cache, so nobody can "
            "tell which files are theirs: files of folders stay"
        )
        return (note,) if self._unknown else ()

    def waste(self, run: StoredRun, pointers: Sequence[DataPointer], root: Path) -> RunWaste:
        paths, hashes = [], []
        for pointer in pointers:
            free = self._free(pointer)
            paths += [pointer.path] if free else []
            hashes += free
        size = sum(self._cache.size(md5) or 0 for md5 in hashes)
        return RunWaste(run, root, tuple(paths), tuple(hashes), size)

    def _free(self, pointer: DataPointer) -> list[str]:
        """Return the objects that go with a pointer, and take them."""
        if pointer.md5 in self._taken:
            return []
        inside = self._cache.members(pointer.md5) if pointer.md5.endswith(".dir") else None
        objects = [pointer.md5, *(sorted(inside) if inside and not self._unknown else ())]
        free = [md5 for md5 in objects if md5 not in self._taken]
        self._taken |= set(free)
        return [md5 for md5 in free if self._cache.size(md5) is not None]


def logs_of(project: Project, runs: Iterable[StoredRun]) -> list[Path]:
    """Return the whole logs of runs, as far as they are still there."""
    own = own_folder(project.repository)
    return [path for run in runs if (path := own.log(run.id)).is_file()]


def stores_of(project: Project, runs: Iterable[StoredRun]) -> list[Path]:
    """Return the folders with the stores that runs offered to trackers."""
    folder = own_folder(project.repository).trackers
    return [path for run in runs if (path := folder / run.id).is_dir()]


def old_logs(project: Project) -> list[Path]:
    """Return the whole logs that were kept for long enough."""
    then = time.time() - LOGS_KEPT
    folder = own_folder(project.repository).logs
    return [path for path in sorted(folder.glob("*.log")) if path.stat().st_mtime < then]


def size_of(paths: Sequence[Path]) -> int:
    """Return how many bytes files and folders take; a file with other names takes none."""
    found = (entry.lstat() for path in paths for entry in _files(path))
    return sum(one.st_size for one in found if one.st_nlink == 1)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir() or path.is_symlink():
        yield path
        return
    for folder, _, names in os.walk(path):
        yield from (Path(folder, name) for name in names)
