"""A work tree put back as it was, file by file and without git: what was touched, and no more."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.work_tree.files import Signature, signatures
from gitexp.git.repository import Repository

_KEPT = 1_000_000
"""Bytes of a file that is kept in memory, to be put back without git."""
_MOST_KEPT = 50_000_000


class _Seen(Struct, frozen=True):
    """What lies in a copy."""

    files: Mapping[str, Signature]
    folders: frozenset[str]
    git: tuple[Signature | None, ...]
    """Of what git keeps about the copy: its HEAD, its index."""


class Kept:
    """What lies in a work tree, with the contents of the files that are written over."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._contents: dict[str, tuple[bytes, int]] = {}
        self._seen: _Seen | None = None

    def look(self) -> list[str]:
        """See what lies there now; return the files that are not as they were seen before."""
        before, self._seen = self._seen, _look(self._repository)
        now = self._seen.files.items()
        return (
            [] if before is None else [path for path, one in now if before.files.get(path) != one]
        )

    def has(self, paths: Collection[str]) -> bool:
        """Return whether all of these files were there when it was looked."""
        return self._seen is not None and self._seen.files.keys() >= set(paths)

    def keep(self, paths: Iterable[str]) -> None:
        """Keep the contents of files that runs write over, so that they can be put back."""
        assert self._seen is not None  # as the caller has looked
        top, room = self._repository.top, _MOST_KEPT
        room -= sum(len(content) for content, _ in self._contents.values())
        for path in paths:
            found = self._seen.files.get(path)
            if found is None or not stat.S_ISREG(found[4]) or found[2] > min(_KEPT, room):
                continue
            self._contents[path] = ((top / path).read_bytes(), stat.S_IMODE(found[4]))
            room -= found[2]

    def put_back(self) -> Mapping[str, Signature] | None:
        """Put back what was touched since; return those files as they are now.

        None if nothing was seen yet, or if that cannot be done without git.
        """
        before, top = self._seen, self._repository.top
        if before is None:
            return None
        with contextlib.suppress(OSError):
            now = _look(self._repository)
            touched = [path for path, one in before.files.items() if now.files.get(path) != one]
            if now.git != before.git or not self._contents.keys() >= set(touched):
                return None
            odd = now.files.keys() - before.files.keys()
            for path in odd.union(now.files.keys() & touched):  # seen here: through no link
                (top / path).unlink()
            for folder in sorted(now.folders - before.folders, reverse=True):
                (top / folder).rmdir()
            for folder in sorted(before.folders - now.folders):
                (top / folder).mkdir()
            for path in touched:
                content, mode = self._contents[path]
                (top / path).write_bytes(content)
                (top / path).chmod(mode)
            now_there = signatures(top, touched)
            self._seen = replace(before, files={**before.files, **now_there})
            return now_there
        return None


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
