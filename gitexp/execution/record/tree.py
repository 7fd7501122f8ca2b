"""The tree of a run: the snapshot with the outputs on top, and the record beside them."""

from __future__ import annotations

import itertools
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from gitexp.data.ignore import with_ignored
from gitexp.errors import GitexpError
from gitexp.execution.record import alike
from gitexp.execution.work_tree.files import Signature, is_nested_repository, signatures
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.git.commits import write_blobs
from gitexp.git.edited import edited_tree
from gitexp.git.index import PrivateIndex
from gitexp.git.plain_files import PlainFiles
from gitexp.git.repository import Repository
from gitexp.git.tree_entries import edited, paths_below
from gitexp.git.trees import Entry
from gitexp.model.refused_names import is_refused
from gitexp.pointers.stored import ignore_file
from gitexp.revisions.links import above

_MODE = "100644"
_SECOND = 1_000_000_000
_FEW, _SMALL = 20, 1_000_000
"""Files and bytes of one up to which git is not needed."""


def unlocked_index(scratch: Path) -> Path:
    """Return a place for an index where no git that was killed has left its lock."""
    places = (scratch / f"run-{number}.index" for number in itertools.count(1))
    return next(one for one in places if not one.with_name(f"{one.name}.lock").exists())


class RunTree:
    """The tree of a run while it is put together."""

    def __init__(
        self,
        repository: Repository,
        snapshot: Snapshot,
        scratch: Path,
        plain: PlainFiles | None = None,
    ) -> None:
        self._repository = repository
        self._scratch = scratch
        self._blobs: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._added: dict[str, Entry] = {}
        self._snapshot = snapshot
        self._plain = plain or PlainFiles(repository)

    def remove(self, paths: Iterable[str]) -> None:
        """Leave paths of the snapshot out."""
        self._removed.update(paths)

    def remove_below(self, folders: Iterable[str]) -> None:
        """Leave out what the snapshot holds of data that went behind pointers."""
        self.remove(paths_below(self._snapshot.entries, folders))

    def add(self, paths: Iterable[str]) -> dict[str, Entry]:
        """Add files of the work tree through git's filters; return the entries they became."""
        wanted = list(paths)
        if not wanted:
            return {}
        if (written := self._written(wanted)) is not None:
            self._added |= written
            return written
        index = PrivateIndex.copied(
            self._repository, unlocked_index(self._scratch), source=self._snapshot.index.path
        )
        skipped = self._snapshot.skipped.intersection(wanted)
        index.put({path: self._snapshot.entries[path] for path in skipped})
        index.put(self._overlooked(wanted))
        index.add(wanted)
        added = self._entries(index, wanted)
        stale = self._stale(added)
        if stale:
            index.remove(stale)
            index.add(stale)
            added = self._entries(index, wanted)
            for path in self._stale(added):
                del added[path]
        self._added |= added
        return added

    def _written(self, paths: list[str]) -> dict[str, Entry] | None:
        """Write plain files as they are, without git; None if one of them is to be git's."""
        top = self._repository.top
        if any(path.endswith(".gitattributes") for path in paths):
            self._plain.forget()
            return None
        found = signatures(top, paths) if len(paths) <= _FEW else {}
        are_usual = all(
            path in found and _is_small(found[path]) and _may_be_added(top, path) for path in paths
        )
        if not are_usual or not self._plain.covers(paths):
            return None
        try:
            contents = [(top / path).read_bytes() for path in paths]
        except OSError:  # git says what is wrong
            return None
        oids = write_blobs(self._repository, contents, self._scratch)
        modes = ("100755" if found[path][4] & stat.S_IXUSR else _MODE for path in paths)
        triples = zip(paths, modes, oids, strict=True)
        return {path: Entry(mode, oid) for path, mode, oid in triples}

    def _entries(self, index: PrivateIndex, wanted: Iterable[str]) -> dict[str, Entry]:
        entries = edited(self._snapshot.entries, index.changes_from(self._snapshot.tree))
        return {path: entries[path] for path in wanted if path in entries}

    def _stale(self, added: Mapping[str, Entry]) -> set[str]:
        """Return what git has left in its old version, in silence: what it could not look at."""
        before = self._snapshot.entries
        kept = [path for path, one in added.items() if before.get(path) == one]
        return alike.edited(self._repository, kept, before)

    def _overlooked(self, paths: Iterable[str]) -> dict[str, Entry]:
        """Return those of which git may not see that they were written.

        Within one second most builds of git go by the modification time and the size.
        """
        before, entries = self._snapshot.signatures, self._snapshot.entries
        known = [path for path in paths if path in entries and path in before]
        now = signatures(self._repository.top, known)
        return {
            path: entries[path]
            for path, (modified, _, size, *_) in now.items()
            if (modified // _SECOND, size) == (before[path][0] // _SECOND, before[path][2])
        }

    def put(self, contents: Mapping[str, bytes]) -> None:
        """Add contents as they are."""
        self._blobs.update(contents)

    def ignore(self, paths: Iterable[str]) -> None:
        """Add to each `.gitignore` of the snapshot the line that names a path."""
        for path in paths:
            name = ignore_file(path)
            before = self._blobs.get(name)
            if before is None and name in self._snapshot.entries:
                before = self._repository.objects.blob(self._snapshot.entries[name].oid)
                if before is None:  # never to be taken for an empty one
                    raise GitexpError(f"git cannot read '{name}'")
            self._blobs[name] = with_ignored(before, PurePosixPath(path).name)

    def write(self) -> str:
        """Write the tree and return its oid."""
        oids = write_blobs(self._repository, list(self._blobs.values()), self._scratch)
        changes: dict[str, Entry | None] = {**self._added, **dict.fromkeys(self._removed)}
        changes |= {path: Entry(_MODE, oid) for path, oid in zip(self._blobs, oids, strict=True)}
        return edited_tree(self._repository, self._snapshot.tree, changes)


def _may_be_added(top: Path, path: str) -> bool:
    """Return whether git has no reason to refuse a path: its name, or a folder above it."""
    return not is_refused(path) and all(
        stat.S_ISDIR((top / folder).lstat().st_mode) and not is_nested_repository(top / folder)
        for folder in above(path)
    )


def _is_small(found: Signature) -> bool:
    """Return whether a file is a small one, and neither a link nor a folder."""
    return stat.S_ISREG(found[4]) and found[2] <= _SMALL
