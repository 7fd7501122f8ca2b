"""Submodules: recorded as their commit, which says nothing of what lies uncommitted in them."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.errors import GitexpError
from gitexp.execution.snapshot import Snapshot
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE


def submodule_notes(repository: Repository, snapshot: Snapshot) -> Iterator[str]:
    """Yield what nobody else will find in the commits of submodules and nested repositories."""
    for path, entry in snapshot.entries.items():
        place = repository.top / path
        if entry.mode == SUBMODULE_MODE and (place / ".git").exists():
            try:
                with Repository.open(place) as inner:
                    yield from _notes(inner, path)
            except GitexpError as error:
                yield f"'{path}' is recorded as its commit alone: {error}"


def _notes(inner: Repository, path: str) -> Iterator[str]:
    if inner.git("status", "--porcelain", "--ignore-submodules=none"):
        yield f"'{path}' has changes that are not committed there, so the run has them not"
    if not inner.git(
        "for-each-ref", "--contains", "HEAD", "--count=1", "refs/remotes", "refs/tags"
    ):
        yield f"'{path}' is at a commit that is not pushed, so others cannot check it out"
