"""The files that commits bring with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from gitexp.git.repository import Repository

_OPTIONS = ("-r", "--root", "-m", "--name-only", "-z", "--no-renames", "--diff-filter=AM")


def added_files(repository: Repository, commits: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each commit with each path that it adds or changes, compared with any parent."""
    asked = "".join(f"{oid}\n" for oid in commits).encode()
    told = repository.git("diff-tree", "--stdin", *_OPTIONS, stdin=asked)
    heads, commit = frozenset(commits), ""
    for field in map(os.fsdecode, told.split(b"\0")[:-1]):
        if field in heads:
            commit = field
        else:
            yield commit, field
