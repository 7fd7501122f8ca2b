"""What is staged: the index that a commit is made from, compared with HEAD."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid


class StagedFile(Struct, frozen=True):
    """A file that the next commit adds, changes or removes."""

    path: str
    status: str
    """Git's letter: A, D, M or T."""
    mode: str
    oid: str
    old_oid: str


def differing_in_index(
    repository: Repository, rev: str, index: Path | None = None
) -> list[StagedFile]:
    """Return the files of the index that differ from a rev's; a rename is two of them."""
    options = ("--cached", "--raw", "--no-renames", "--no-abbrev", "-z", "--ignore-submodules=all")
    told = repository.git("diff-index", *options, rev, "--", index=index)
    fields = [os.fsdecode(field) for field in told.split(b"\0")[:-1]]
    return [_staged(head, path) for head, path in zip(fields[::2], fields[1::2], strict=True)]


def head_or_nothing(repository: Repository) -> str:
    """Return `HEAD`, or the empty tree before the first commit."""
    return commit_or_nothing(repository, "HEAD")


def commit_or_nothing(repository: Repository, rev: str) -> str:
    """Return a rev, or the empty tree if there is no such commit."""
    if repository.attempt("rev-parse", "--verify", "--quiet", rev).returncode == 0:
        return rev
    return object_oid("tree", b"", repository.object_format)


def sizes(repository: Repository, oids: list[str]) -> dict[str, int]:
    """Return the sizes of blobs, without reading them."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    told = repository.git("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked)
    lines = (line.split(" ") for line in told.decode().splitlines())
    return {oid: int(size) for oid, size in lines if size.isdigit()}


def _staged(head: str, path: str) -> StagedFile:
    _, mode, old_oid, oid, status = head.split(" ")
    return StagedFile(path, status[0], mode, oid, old_oid)
