"""The commits that changed one file, read from `git rev-list` as far as somebody asks."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gitexp.git.begun import Begun
from gitexp.git.failing import GitCommandFailed
from gitexp.git.repository import Repository


class FileHistory:
    """The history of a file, simplified as git does it.

    A merge whose file is that of a parent is passed over towards the first such parent, as
    `git blame` does; so is every commit that left the file alone.
    """

    def __init__(self, repository: Repository, rev: str, path: str) -> None:
        self._asked = ("rev-list", "--parents", rev, "--", f":(top,literal){path}")
        self._repository = repository
        self._git: Begun | None = None
        self._parents: dict[str, tuple[str, ...]] = {}
        self._lines = self._read()
        self.first = next(self._lines, None)
        """The commit that the file is from, as it is at the rev; None if there is none."""

    def parents(self, oid: str) -> tuple[str, ...]:
        """Return the commits that a commit of this history follows on."""
        while oid not in self._parents:
            if next(self._lines, None) is None:
                return ()
        return self._parents[oid]

    def _read(self) -> Iterator[str]:
        self._git = self._repository.begin(*self._asked)
        for line in self._git.lines():
            oid, *parents = os.fsdecode(line).split()
            self._parents[oid] = tuple(parents)
            yield oid
        ended, self._git = self._git.ended(), None
        if ended.returncode != 0:
            raise GitCommandFailed(self._asked, ended.returncode, os.fsdecode(ended.stderr))

    def close(self) -> None:
        """End git, however far it is."""
        if self._git is not None:
            self._git.drop()
