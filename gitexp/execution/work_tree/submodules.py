"""Submodules: recorded as their commit, which says nothing of what lies uncommitted in them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.git.repository import Repository
from gitexp.git.trees import Entries, tree_entries
from gitexp.revisions.kinds import modules_in


def submodule_notes(repository: Repository, snapshot: Snapshot) -> Iterator[str]:
    """Report what nobody else will find in the commits of submodules and nested repositories."""
    for path in modules_in(snapshot.entries):
        place = repository.top / path
        if (place / ".git").exists():
            try:
                with Repository.open(place) as inner:
                    yield from _notes(inner, path)
            except GitexpError as error:
                yield f"'{path}' is recorded as its commit alone: {error}"


def moved_submodules(repository: Repository, entries: Entries) -> set[str]:
    """Return the submodules that are at another commit than the entries say."""
    moved = set()
    for path in modules_in(entries):
        place = repository.top / path
        if (place / ".git").exists():
            with contextlib.suppress(GitexpError), Repository.open(place) as inner:
                if inner.objects.commit("HEAD") not in (entries[path].oid, None):
                    moved.add(path)
    return moved


def bring_submodules(top: Path, entries: Entries, target: Path) -> None:
    """Write what submodules of a work tree hold at their commits below another folder.

    A submodule that is not checked out stays an empty folder, as it is there. What an
    earlier run left in one goes: `git clean` never looks into them.
    """
    for path in modules_in(entries):
        place = target / path
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if not (top / path / ".git").exists():
            continue
        with Repository.open(top / path) as inner, _scratch(inner) as index:
            inner.git("read-tree", entries[path].oid, index=index)
            inner.git("checkout-index", "--all", "--force", f"--prefix={place}/", index=index)
            bring_submodules(inner.top, tree_entries(inner, entries[path].oid), place)


@contextlib.contextmanager
def _scratch(repository: Repository) -> Iterator[Path]:
    """Give a path for an index that is gone afterwards."""
    import tempfile  # noqa: PLC0415 - 2 ms, where there is a submodule

    with tempfile.TemporaryDirectory(dir=repository.git_dir, prefix="gitexp-") as folder:
        yield Path(folder, "index")


def _notes(inner: Repository, path: str) -> Iterator[str]:
    if inner.git("status", "--porcelain", "--ignore-submodules=none"):
        yield f"'{path}' has changes that are not committed there, so the run does not have them"
    if not inner.git(
        "for-each-ref", "--contains", "HEAD", "--count=1", "refs/remotes", "refs/tags"
    ):
        yield f"'{path}' is at a commit that is not pushed, so others cannot check it out"
