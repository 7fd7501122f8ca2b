"""Submodules: recorded as their commit, which says nothing of what lies uncommitted in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.snapshot import Snapshot
from gitexp.git.repository import Repository
from gitexp.git.trees import SUBMODULE_MODE, Entries, tree_entries


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


def fill_submodules(snapshot: Snapshot, *, users: Repository, copy: Repository) -> Iterator[str]:
    """Bring the files of submodules into a copy of the work tree; yield what did not succeed.

    They come from the user's own checkouts, at the commits that the run records; where
    there is none the folder is empty, as it is in the user's work tree.
    """
    yield from _fill(snapshot.entries, users.top, copy.top, copy.git_dir / "submodule.index")


def _fill(entries: Entries, source: Path, target: Path, index: Path) -> Iterator[str]:
    for path, entry in entries.items():
        if entry.mode != SUBMODULE_MODE:
            continue
        shutil.rmtree(target / path, ignore_errors=True)  # of an earlier run
        (target / path).mkdir(parents=True)
        if not (source / path / ".git").exists():
            continue
        try:
            with Repository.open(source / path) as inner:
                index.unlink(missing_ok=True)
                inner.git("read-tree", entry.oid, index=index)
                inner.git("checkout-index", "--all", f"--prefix={target / path}/", index=index)
                inside = tree_entries(inner, entry.oid)
                yield from _fill(inside, source / path, target / path, index)
        except GitexpError as error:
            yield f"submodule '{path}' could not be copied, so the command lacks it: {error}"
