"""A copy of the work tree in which one run follows another, each on the same files.

It is filled by git once. After each run only what that run has touched is put back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from gitexp.data.pointers import Pointer
from gitexp.execution.start.isolation import (
    copy_ignored,
    copy_own_links,
    linked_work_tree,
    place_data,
    scratch_beside,
)
from gitexp.execution.start.look import Sight
from gitexp.execution.start.put_back import Kept
from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.execution.work_tree.filled import fill
from gitexp.execution.work_tree.ignored import Ignored, list_ignored, watch_listed
from gitexp.execution.work_tree.snapshot import Leave, Snapshot, take_snapshot, with_tree
from gitexp.execution.work_tree.submodules import bring_submodules
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.plain_files import PlainFiles
from gitexp.git.tree_entries import edited
from gitexp.git.trees import Entry
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.copies import claimed_place
from gitexp.store.left import remembered

Value = TypeVar("Value")


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


class Standing:
    """The copy, as `standing_copy` gives it."""

    def __init__(self, home: Project, copy: Project, frozen: Frozen, scratch: Path) -> None:
        self.project = copy
        self._home = home
        self._frozen = frozen
        self.scratch = scratch
        """A folder beside the copy, for what is known of it."""
        self._kept = Kept(copy.repository)
        self._base: Snapshot | None = None
        self._without_left: tuple[frozenset[str], Snapshot] | None = None
        """The last base without what earlier runs have left, and what that was."""
        self._ignored: list[str] = []
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
        put_back = self._kept.put_back()
        if put_back is None:
            self._fill()
        else:
            self._note_times(put_back)

    def _fill(self) -> None:
        repository, snapshot, home = self.project.repository, self._frozen.snapshot, self._home
        top = repository.top
        repository.git("update-ref", "--no-deref", "HEAD", self._frozen.baseline)
        fill(repository, snapshot, self.scratch)
        bring_submodules(home.repository.top, snapshot.entries, top)
        copy_ignored(home, self.project, self._frozen.copied)
        copy_own_links(home, self.project)
        place_data(home, self.project, snapshot.entries, self._frozen.data)
        base = with_tree(take_snapshot(self.project, self.scratch, ()))
        changed = tuple(base.index.changed_since(self._frozen.baseline))
        self._base = replace(base, changed=changed)
        self._without_left = None
        self._ignored = list_ignored(self.project, base.index, base.untracked)
        again = self._kept.look()
        known = map(self.project.path, self.project.params_files)
        self._kept.keep([*known, *(path for path in again if path in base.entries)])

    def _note_times(self, now: Mapping[str, Signature]) -> None:
        """Note the times of what was put back, else the next run would seem to have written it."""
        base = self._base
        assert base is not None  # as nothing is put back before the copy was filled
        untracked = base.untracked.signatures
        self._base = replace(
            base,
            signatures={**base.signatures, **now},
            untracked=replace(base.untracked, signatures={**untracked, **_among(now, untracked)}),
        )

    def _snapshot(
        self, project: Project, scratch: Path, rewritten: Iterable[str], leave: Leave
    ) -> Snapshot:
        """Return the snapshot of the copy with the params that were written for a run."""
        whole, paths = self._base, list(rewritten)
        if whole is None or not self._kept.has(paths):
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
            entries=edited(base.entries, changed),
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


def _among(values: Mapping[str, Value], paths: Iterable[str]) -> dict[str, Value]:
    return {path: values[path] for path in paths if path in values}
