"""A copy of the work tree in which one run follows another, each on the same files.

It is filled by git once. After each run only what that run has touched is put back.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pointers import Pointer
from gitexp.execution.start.isolation import (
    copy_ignored,
    copy_own_links,
    fill,
    linked_work_tree,
    place_data,
    scratch_beside,
)
from gitexp.execution.start.look import Sight
from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.execution.work_tree.ignored import Ignored, list_ignored, watch_listed
from gitexp.execution.work_tree.snapshot import Leave, Snapshot, take_snapshot, with_tree
from gitexp.execution.work_tree.submodules import bring_submodules
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.plain_files import PlainFiles
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.copies import claimed_place
from gitexp.store.left import remembered

Value = TypeVar("Value")

_KEPT = 1_000_000
"""Bytes of a file that is kept in memory, to be put back without git."""
_MOST_KEPT = 50_000_000


class Frozen(Struct, frozen=True):
    """What every run of many begins with."""

    snapshot: Snapshot
    baseline: str
    directory: TopPath
    """Where commands run."""
    data: tuple[Pointer, ...] = ()
    """Data behind pointers, all of it in DVC's cache."""
    copied: tuple[str, ...] = ()
    """Ignored paths that are copied from the user's work tree, relative to the project."""


class _Seen(Struct, frozen=True):
    """What lies in a copy."""

    files: Mapping[str, Signature]
    folders: frozenset[str]
    git: tuple[Signature | None, ...]
    """Of what git keeps about the copy: its HEAD, its index."""


class Standing:
    """The copy, as `standing_copy` gives it."""

    def __init__(self, home: Project, copy: Project, frozen: Frozen, scratch: Path) -> None:
        self.project = copy
        self._home = home
        self._frozen = frozen
        self.scratch = scratch
        """A folder beside the copy, for what is known of it."""
        self._kept: dict[str, tuple[bytes, int]] = {}
        self._base: Snapshot | None = None
        self._without_left: tuple[frozenset[str], Snapshot] | None = None
        """The last base without what earlier runs have left, and what that was."""
        self._ignored: list[str] = []
        self._seen: _Seen | None = None
        self._plain = PlainFiles(copy.repository)

    @property
    def baseline(self) -> str:
        """The commit that every run is told to have begun with."""
        return self._frozen.baseline

    @property
    def sight(self) -> Sight:
        """What knows the files of the copy as long as nothing but params was written to it."""
        return Sight(self._snapshot, self._watched, self._plain)

    @property
    def is_free(self) -> bool:
        """Whether no process of an earlier run may still write into it."""
        return not remembered(self.project.repository, self.project.repository.top)

    def restore(self) -> None:
        """Make the copy hold what was frozen, and nothing else."""
        if self._seen is not None and self._put_back():
            return
        self._fill()

    def _fill(self) -> None:
        before = self._seen
        repository, snapshot, home = self.project.repository, self._frozen.snapshot, self._home
        top = repository.top
        repository.git("update-ref", "--no-deref", "HEAD", self._frozen.baseline)
        fill(repository, snapshot, self.scratch)
        bring_submodules(home.repository.top, snapshot.entries, top)
        copy_ignored(home, self.project, self._frozen.copied)
        copy_own_links(home, self.project)
        place_data(home, self.project, self._frozen.data)
        base = with_tree(take_snapshot(self.project, self.scratch, ()))
        changed = tuple(base.index.changed_since(self._frozen.baseline))
        self._base = replace(base, changed=changed)
        self._without_left = None
        self._ignored = list_ignored(self.project, base.index, base.untracked)
        self._seen = _look(repository)
        known = map(self.project.path, self.project.params_files)
        again = _changed(before, self._seen) if before is not None else ()
        self._keep([*known, *(path for path in again if path in base.entries)])

    def _keep(self, paths: Iterable[str]) -> None:
        """Keep the contents of files that runs write over, so that they can be put back."""
        assert self._seen is not None  # as the caller saw to
        top, room = self.project.repository.top, _MOST_KEPT
        room -= sum(len(content) for content, _ in self._kept.values())
        for path in paths:
            found = self._seen.files.get(path)
            if found is None or not stat.S_ISREG(found[4]) or found[2] > min(_KEPT, room):
                continue
            self._kept[path] = ((top / path).read_bytes(), stat.S_IMODE(found[4]))
            room -= found[2]

    def _put_back(self) -> bool:
        """Put back what was touched; return whether that could be done without git."""
        before, top = self._seen, self.project.repository.top
        assert before is not None  # as the caller saw to
        with contextlib.suppress(OSError):
            now = _look(self.project.repository)
            touched = [path for path, one in before.files.items() if now.files.get(path) != one]
            if now.git != before.git or not self._kept.keys() >= set(touched):
                return False
            odd = now.files.keys() - before.files.keys()
            for path in odd.union(now.files.keys() & touched):  # seen here: through no link
                (top / path).unlink()
            for folder in sorted(now.folders - before.folders, reverse=True):
                (top / folder).rmdir()
            for folder in sorted(before.folders - now.folders):
                (top / folder).mkdir()
            for path in touched:
                content, mode = self._kept[path]
                (top / path).write_bytes(content)
                (top / path).chmod(mode)
            now_there = signatures(top, touched)
            self._seen = replace(before, files={**before.files, **now_there})
            self._note_times(now_there)
            return True
        return False

    def _note_times(self, now: Mapping[str, Signature]) -> None:
        """Note the times of what was put back, else the next run would seem to have written it."""
        base = self._base
        assert base is not None  # as nothing is put back before the copy was filled
        untracked = base.untracked.signatures
        self._base = replace(
            base,
            signatures={**base.signatures, **_among(now, base.signatures)},
            untracked=replace(base.untracked, signatures={**untracked, **_among(now, untracked)}),
        )

    def _snapshot(
        self, project: Project, scratch: Path, rewritten: Iterable[str], leave: Leave
    ) -> Snapshot:
        """Return the snapshot of the copy with the params that were written for a run."""
        whole, seen, paths = self._base, self._seen, list(rewritten)
        if whole is None or seen is None or not seen.files.keys() >= set(paths):
            return take_snapshot(project, scratch, paths, leave)
        repository, base = project.repository, self._left(whole, leave)
        index = PrivateIndex.copied(repository, scratch / "snapshot.index", source=base.index.path)
        changed = self._written(paths, scratch)
        now = signatures(repository.top, paths)
        before = base.untracked.signatures
        untracked = {**before, **_among(now, before)}
        different = set(base.changed or ()).union(paths)
        return replace(
            base,
            index=index,
            edited=changed,
            entries={**base.entries, **changed},
            signatures={**base.signatures, **untracked, **now},
            untracked=replace(base.untracked, signatures=untracked),
            tree=edited_tree(repository, base.tree, changed) if changed else base.tree,
            changed=tuple(sorted(different)),
        )

    def _left(self, base: Snapshot, leave: Leave) -> Snapshot:
        """Return the base as a run has it that leaves what earlier ones have put there."""
        out = frozenset(leave(base.untracked)).difference(base.tracked)
        if not out:
            return base
        if self._without_left is None or self._without_left[0] != out:
            index = PrivateIndex.copied(
                self.project.repository, self.scratch / "left.index", source=base.index.path
            )
            index.remove(out)
            entries = {path: one for path, one in base.entries.items() if path not in out}
            changed = (path for path in base.changed or () if path not in out)
            known = replace(base, index=index, entries=entries, changed=tuple(changed), tree="")
            self._without_left = out, with_tree(known)
        untracked = base.untracked.without(out)  # of now: what is put back has other times
        return replace(self._without_left[1], signatures=base.signatures, untracked=untracked)

    def _written(self, paths: list[str], scratch: Path) -> dict[str, Entry]:
        """Bring files that gitexp wrote into git; return what they became.

        The index stays as it is: nobody asks it for more than the names of what it has.
        """
        if not paths:
            return {}
        base, repository = self._base, self.project.repository
        assert base is not None  # as the caller saw
        if not self._plain.covers(paths):
            index = PrivateIndex.copied(
                repository, scratch / "params.index", source=base.index.path
            )
            index.add(paths)
            return _among(index.entries(), paths)
        contents = [(repository.top / path).read_bytes() for path in paths]
        oids = write_blobs(repository, contents, scratch)
        pairs = zip(paths, oids, strict=True)
        return {path: Entry(base.entries[path].mode, oid) for path, oid in pairs}

    def _watched(
        self, project: Project, _index: PrivateIndex, links: Iterable[str], _: Untracked
    ) -> Ignored:
        return watch_listed(project, self._ignored, links)


@contextlib.contextmanager
def standing_copy(project: Project, frozen: Frozen) -> Iterator[Standing]:
    """Give a copy of the work tree, empty until it is restored; one process has it to itself."""
    with claimed_place(project.repository) as place, scratch_beside(place) as scratch:
        repository = linked_work_tree(project.repository, place, frozen.baseline)
        with Project(repository, project.folder, frozen.directory, home=project) as copy:
            yield Standing(project, copy, frozen, scratch)


def _look(repository: Repository) -> _Seen:
    """Return what lies in a work tree, without what is git's own; raises OSError."""
    base = str(repository.top)
    files: dict[str, Signature] = {}
    folders: list[str] = []
    pending = [""]
    while pending:
        folder = pending.pop()
        with os.scandir(f"{base}/{folder}") as found:
            for entry in found:
                path = f"{folder}{entry.name}"
                if path == ".git":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                    pending.append(f"{path}/")
                else:
                    one = entry.stat(follow_symlinks=False)
                    times = (one.st_mtime_ns, one.st_ctime_ns)
                    files[path] = (*times, one.st_size, one.st_ino, one.st_mode)
    own = signatures(repository.git_dir, ("HEAD", "index", "logs/HEAD"))
    git = (*(own.get(name) for name in ("HEAD", "index", "logs/HEAD")), _dot_git(repository))
    return _Seen(files, frozenset(folders), git)


def _dot_git(repository: Repository) -> Signature | None:
    return signatures(repository.top, (".git",)).get(".git")


def _changed(before: _Seen, now: _Seen) -> list[str]:
    """Return the files that had to be put back."""
    return [path for path, one in now.files.items() if before.files.get(path) != one]


def _among(values: Mapping[str, Value], paths: Iterable[str]) -> dict[str, Value]:
    return {path: values[path] for path in paths if path in values}
