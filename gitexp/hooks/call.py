"""How git called a hook: its words, what it says on stdin, and which index it means."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath

_REBASING = ("rebase-merge", "rebase-apply")
_BISECTING = ("BISECT_LOG", "BISECT_START")
_BROUGHT = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD")
_MERGED = "GITHEAD_"
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
    def rebase(self) -> Path | None:
        """Where git keeps the state of the rebase that is under way, if one is."""
        folders = (self.repository.git_dir / name for name in _REBASING)
        return next((folder for folder in folders if folder.exists()), None)

    @property
    def is_bisecting(self) -> bool:
        """Whether a bisection is under way, in which what is checked out is only passed by."""
        return any((self.repository.git_dir / name).exists() for name in _BISECTING)

    @property
    def brought(self) -> list[str]:
        """The commits that are merged, picked or rebased now: what they hold is already committed.

        In `pre-merge-commit`, only a variable says so.
        """
        files = (self.repository.git_dir / name for name in _BROUGHT)
        known = [oid for file in files if file.exists() for oid in file.read_text().split()]
        named = (name.partition(_MERGED) for name in self.environment)
        found = known or [oid for before, mark, oid in named if mark and not before]
        return [oid for oid in found if self.repository.objects.commit(oid) is not None]

    def has_gitexp(self) -> bool:
        """Return whether the index has anything of gitexp or DVC in it."""
        listed = self.repository.git("ls-files", "-z", "--", *_MARKS, index=self.index)
        return bool(listed)

    def project_folders(self) -> list[TopPath]:
        """Return the folders of projects in the index; the top if only DVC is set up."""
        listed = self.repository.git("ls-files", "-z", "--", *_MARKS, index=self.index)
        paths = [os.fsdecode(path) for path in listed.split(b"\0") if path]
        folders = {
            TopPath(path.rpartition("/")[0]) for path in paths if path.endswith("gitexp.yaml")
        }
        return sorted(folders) or ([TopPath("")] if paths else [])
