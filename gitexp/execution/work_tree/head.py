"""Whether git itself changed the work tree while a command ran."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries

_LONGEST_LINE = 4096


class HeadState(Struct, frozen=True):
    """Where HEAD is, and the end of its reflog, which names whatever moved it."""

    oid: str | None
    ref: str
    log: str
    """Its last line; `git gc` may drop the ones before."""
    size: int
    """Bytes of the reflog."""

    @classmethod
    def of(cls, repository: Repository) -> HeadState:
        """Return the state of HEAD now."""
        ref = (repository.git_dir / "HEAD").read_text().strip()
        log, size = _end_of_log(repository.git_dir)
        return cls(repository.objects.commit("HEAD"), ref, log, size)

    def moved_since(self, before: HeadState) -> bool:
        """Return whether HEAD moved; a reflog that only lost its old lines says nothing."""
        grown = self.size > before.size or (bool(self.log) and self.log != before.log)
        return grown or (self.oid, self.ref) != (before.oid, before.ref)


def _end_of_log(git_dir: Path) -> tuple[str, int]:
    try:
        with (git_dir / "logs" / "HEAD").open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _LONGEST_LINE))
            return os.fsdecode(log.read().rstrip(b"\n").rpartition(b"\n")[2]), size
    except OSError:
        return "", 0


def done_by_git(
    repository: Repository, written: Iterable[str], gone: Iterable[str], scratch: Path
) -> set[str]:
    """Return the paths that are now as HEAD or the user's index have them.

    After a switch of branches these are git's doing, not the command's.
    """
    index = PrivateIndex.copied(repository, scratch / "user.index")
    listing = index.listing()
    known = [tree_entries(repository, "HEAD"), listing.entries]
    asked = [path for path in written if any(path in entries for entries in known)]
    index.put({path: listing.entries[path] for path in listing.skipped.intersection(asked)})
    index.add(asked)
    now = index.entries()
    restored = {path for path in asked if any(now.get(path) == one.get(path) for one in known)}
    return restored | {path for path in gone if not any(path in entries for entries in known)}
