"""How git called a hook: its words, what it says on stdin, and which index it means."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.git.repository import Repository

_REBASING = ("rebase-merge", "rebase-apply")
_BISECTING = ("BISECT_LOG", "BISECT_START")
_MARKS = (":(top,glob)**/gitexp.yaml", ":(top,glob)**/.dvc/config")


class Call(Struct, frozen=True):
    """One call of a hook."""

    repository: Repository
    args: tuple[str, ...]
    said: bytes
    """What git said on stdin."""
    environment: Mapping[str, str]

    @property
    def index(self) -> Path | None:
        """The index that is committed: `git commit -a` and `git commit PATH` have their own."""
        named = self.environment.get("GIT_INDEX_FILE")
        return Path.cwd() / named if named else None

    @property
    def is_rebasing(self) -> bool:
        """Whether a rebase is under way, in which most of what is checked out is passed by."""
        return any((self.repository.git_dir / name).exists() for name in _REBASING)

    @property
    def is_passing_by(self) -> bool:
        """Whether what is checked out is there for a moment: in a rebase or a bisection."""
        git_dir = self.repository.git_dir
        return self.is_rebasing or any((git_dir / name).exists() for name in _BISECTING)

    def has_gitexp(self) -> bool:
        """Return whether the index has anything of gitexp or DVC in it."""
        listed = self.repository.git("ls-files", "-z", "--", *_MARKS, index=self.index)
        return bool(listed)

    def project_folders(self) -> list[str]:
        """Return the folders of projects in the index; the top where only DVC is set up."""
        listed = self.repository.git("ls-files", "-z", "--", *_MARKS, index=self.index)
        paths = [os.fsdecode(path) for path in listed.split(b"\0") if path]
        folders = {path.rpartition("/")[0] for path in paths if path.endswith("gitexp.yaml")}
        return sorted(folders) or ([""] if paths else [])
