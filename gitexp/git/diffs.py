"""What differs between two trees, or a tree and the work tree, as git reports it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.git.failing import GitCommandFailed
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry, object_oid, tree_entries
from gitexp.model.paths import TopPath

_RAW = ("--raw", "-z", "--no-abbrev", "--no-renames", "--ignore-submodules=dirty")
_OPTIONS = ("--no-ext-diff", "--no-textconv", "--find-renames", "--ignore-submodules=dirty")


class FileChange(Struct, frozen=True):
    """One file that differs."""

    path: TopPath
    status: str
    """Git's letter: A, C, D, M, R or T."""
    added: int | None
    """Lines; None for what is not text."""
    removed: int | None
    old_path: TopPath | None = None


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

        Untracked files count if the commit has them: the tree of a run holds them too.
        """
        return cls(repository, (old,), index_with(repository, old, scratch).path)

    def changes(self, below: Iterable[str] = ("",)) -> list[FileChange]:
        """Return the files below the folders that differ."""
        return self.begin(below)()

    def begin(self, below: Iterable[str]) -> Callable[[], list[FileChange]]:
        """Ask the same, and return what waits for the answer."""
        command = self._command("--raw", "--numstat", "-z", below=below)
        begun = self._repository.begin(*command, index=self._index)

        def answer() -> list[FileChange]:
            ended = begun.ended()
            if ended.returncode != 0:
                said, users = os.fsdecode(ended.stderr), self._repository.git_dir / "index"
                raise GitCommandFailed(command, ended.returncode, said, users)
            return list(_parsed([os.fsdecode(one) for one in ended.stdout.split(b"\0")[:-1]]))

        return answer

    def patch(self, below: Iterable[str], *, colour: bool = False, inverse: bool = False) -> bytes:
        """Return the difference as a patch, or as the one that undoes it."""
        options = ["--patch", f"--color={'always' if colour else 'never'}"]
        command = self._command(*options, *(["-R"] if inverse else []), below=below)
        return self._repository.git(*command, index=self._index)

    def _command(self, *options: str, below: Iterable[str]) -> tuple[str, ...]:
        return "diff", *_OPTIONS, *options, *self._revs, "--", *literal_specs(below)


def index_with(repository: Repository, commit: str, scratch: Path) -> PrivateIndex:
    """Return an index like the user's that also has the untracked files which a commit has."""
    index = PrivateIndex.copied(repository, scratch / "index")
    known = index.entries()
    empty = object_oid("blob", b"", repository.object_format)
    wanted = [
        path
        for path, entry in tree_entries(repository, commit).items()
        if path not in known and entry.mode != "160000" and (repository.top / path).is_file()
    ]
    index.put({path: Entry("100644", empty) for path in wanted})
    return index


def _parsed(fields: list[str]) -> Iterator[FileChange]:
    """Read git's `--raw --numstat -z`: all the statuses first, then all the line counts."""
    statuses: dict[str, tuple[str, TopPath | None]] = {}
    same: set[str] = set()
    position = 0
    while position < len(fields) and fields[position].startswith(":"):
        _, _, old, new, letter = fields[position].split(" ")
        letter = letter[0]
        renamed = letter in "RC"
        path = fields[position + 1 + renamed]
        statuses[path] = (letter, TopPath(fields[position + 1]) if renamed else None)
        same |= {path} if renamed and old == new else set()
        position += 2 + renamed
    while position < len(fields):
        added, removed, path = fields[position].split("\t", 2)
        if not path:  # a rename: both paths follow
            path = fields[position + 2]
            position += 2
        position += 1
        letter, old_path = statuses[path]
        counts = (0, 0) if path in same else (_count(added), _count(removed))
        yield FileChange(TopPath(path), letter, *counts, old_path)


def _count(text: str) -> int | None:
    return None if text == "-" else int(text)


EntryPair = tuple[Entry | None, Entry | None]
"""What two sides have under one path; None if one has nothing."""


def differing_entries(
    repository: Repository, old: str, new: str, below: Iterable[str] = ("",)
) -> dict[str, EntryPair]:
    """Return the entries of two commits that differ, by path."""
    return _entry_pairs(
        repository.git("diff-tree", "-r", *_RAW, old, new, "--", *literal_specs(below))
    )


def differing_from_index(
    repository: Repository, old: str, below: Iterable[str] = ("",), *, index: Path | None = None
) -> dict[str, EntryPair]:
    """Return the entries of a commit and of the index, or of another one, that differ, by path."""
    told = repository.git(
        "diff-index", "--cached", *_RAW, old, "--", *literal_specs(below), index=index
    )
    return _entry_pairs(told)


def differing_from_work_tree(
    repository: Repository, old: str, scratch: Path, below: Iterable[str] = ("",)
) -> dict[str, EntryPair]:
    """Return the entries of a commit that differ from the work tree, by path.

    Untracked files count if the commit has them.
    """
    index = index_with(repository, old, scratch).path
    repository.attempt("update-index", "-q", "--refresh", index=index)  # fails where files differ
    told = repository.git("diff-index", *_RAW, old, "--", *literal_specs(below), index=index)
    found = _entry_pairs(told)
    unsure = [
        path for path, (_, new) in found.items() if new is not None and not new.oid.strip("0")
    ]
    hashed = dict(zip(unsure, _hashed(repository, unsure), strict=True))
    for path, oid in hashed.items():
        before, after = found[path]
        assert after is not None  # the unsure ones have an entry
        if before == Entry(after.mode, oid):
            del found[path]
        else:
            found[path] = before, Entry(after.mode, oid)
    return found


def dirty_submodules(repository: Repository, below: Iterable[str] = ("",)) -> list[str]:
    """Return the submodules of the work tree with changes that are not committed in them."""
    if not (repository.top / ".gitmodules").exists():
        return []
    options = ("--raw", "-z", "--no-abbrev", "--ignore-submodules=untracked")
    told = _entry_pairs(repository.git("diff-files", *options, "--", *literal_specs(below)))
    return [path for path, (old, _) in told.items() if old and old.mode == "160000"]


def _hashed(repository: Repository, paths: list[str]) -> list[str]:
    """Return the oids that files of the work tree would have, '' for what is not a file."""
    files = [path for path in paths if (repository.top / path).is_file()]
    plain = [path for path in files if "\n" not in path]
    listed = b"".join(os.fsencode(path) + b"\n" for path in plain)
    told = repository.git("hash-object", "--stdin-paths", stdin=listed) if plain else b""
    known = dict(zip(plain, told.decode().split(), strict=True))
    known |= {path: repository.line("hash-object", "--", path) for path in files if "\n" in path}
    return [known.get(path, "") for path in paths]


def literal_specs(below: Iterable[str]) -> list[str]:
    """Return pathspecs for paths from the top, in which nothing is a pattern."""
    return [f":(top,literal){path}" if path else ":/" for path in below]


def _entry_pairs(told: bytes) -> dict[str, EntryPair]:
    """Read git's `--raw -z`: `:MODE MODE OID OID LETTER`, then the path."""
    fields = told.split(b"\0")[:-1]
    found = {}
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, _ = head[1:].decode().split(" ")
        pair = _entry(old_mode, old), _entry(new_mode, new)
        found[os.fsdecode(path)] = pair
    return found


def _entry(mode: str, oid: str) -> Entry | None:
    return Entry(mode, oid) if mode.strip("0") else None


def merge_base(repository: Repository, one: str, other: str) -> str | None:
    """Return the best common ancestor of two commits, or None."""
    found = repository.attempt("merge-base", one, other)
    return found.stdout.decode().strip() if found.returncode == 0 else None
