"""What differs between two trees, or a tree and the work tree, as git tells it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, object_oid, tree_entries

_OPTIONS = ("--no-ext-diff", "--no-textconv", "--find-renames", "--ignore-submodules=dirty")


@dataclass(frozen=True)
class FileChange:
    """One file that differs."""

    path: str
    status: str
    """Git's letter: A, C, D, M, R or T."""
    added: int | None
    """Lines; None for what is not text."""
    removed: int | None
    old_path: str | None = None


class TreeDiff:
    """Two sides that git can compare: commits, or a commit and the work tree."""

    def __init__(self, repository: Repository, revs: tuple[str, ...], index: Path | None) -> None:
        self._repository = repository
        self._revs = revs
        self._index = index

    @classmethod
    def between(cls, repository: Repository, old: str, new: str) -> TreeDiff:
        """Compare two commits."""
        return cls(repository, (old, new), None)

    @classmethod
    def to_work_tree(cls, repository: Repository, old: str, scratch: Path) -> TreeDiff:
        """Compare a commit with the work tree.

        Untracked files count where the commit has them: the tree of a run holds them too.
        """
        index = PrivateIndex.copied(repository, scratch / "index")
        known = index.entries()
        empty = object_oid("blob", b"", repository.object_format)
        wanted = [
            path
            for path, entry in tree_entries(repository, old).items()
            if path not in known and entry.mode != "160000" and (repository.top / path).is_file()
        ]
        index.put({path: Entry("100644", empty) for path in wanted})
        return cls(repository, (old,), index.path)

    def changes(self, below: Iterable[str] = ("",)) -> list[FileChange]:
        """Return the files below the folders that differ."""
        told = self._git("--raw", "--numstat", "-z", below=below).split(b"\0")
        return list(_parsed([os.fsdecode(field) for field in told[:-1]]))

    def patch(self, below: Iterable[str], *, colour: bool = False, inverse: bool = False) -> bytes:
        """Return the difference as a patch, or as the one that undoes it."""
        options = ["--patch", f"--color={'always' if colour else 'never'}"]
        return self._git(*options, *(["-R"] if inverse else []), below=below)

    def _git(self, *options: str, below: Iterable[str]) -> bytes:
        specs = [f":(top,literal){path}" if path else ":/" for path in below]
        return self._repository.git(
            "diff", *_OPTIONS, *options, *self._revs, "--", *specs, index=self._index
        )


def _parsed(fields: list[str]) -> Iterator[FileChange]:
    """Read git's `--raw --numstat -z`: all the statuses first, then all the line counts."""
    statuses: dict[str, tuple[str, str | None]] = {}
    position = 0
    while position < len(fields) and fields[position].startswith(":"):
        letter = fields[position].rpartition(" ")[2][0]
        renamed = letter in "RC"
        path = fields[position + 1 + renamed]
        statuses[path] = (letter, fields[position + 1] if renamed else None)
        position += 2 + renamed
    while position < len(fields):
        added, removed, path = fields[position].split("\t", 2)
        if not path:  # a rename: both paths follow
            path = fields[position + 2]
            position += 2
        position += 1
        letter, old_path = statuses[path]
        yield FileChange(path, letter, _count(added), _count(removed), old_path)


def _count(text: str) -> int | None:
    return None if text == "-" else int(text)


def merge_base(repository: Repository, one: str, other: str) -> str | None:
    """Return the best common ancestor of two commits, or None."""
    found = repository.attempt("merge-base", one, other)
    return found.stdout.decode().strip() if found.returncode == 0 else None
