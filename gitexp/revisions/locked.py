"""The data of a revision that its `dvc.lock` alone knows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import PurePosixPath

from gitexp.data.locked import locked_inputs
from gitexp.data.pipelines import LOCK_NAME
from gitexp.data.pointers import Pointer
from gitexp.model.paths import TopPath
from gitexp.revisions.revision import Revision


def lock_files(revision: Revision) -> list[TopPath]:
    """Return each `dvc.lock` of the project."""
    return [path for path in revision.paths if path.rpartition("/")[2] == LOCK_NAME]


def locked_data(revision: Revision, lock: TopPath) -> Iterator[Pointer]:
    """Yield what a `dvc.lock` says that stages read, without what git or a `.dvc` file holds.

    Raises GitexpError for a lock file that is not what DVC writes.
    """
    held = sorted(path.removesuffix(".dvc") for path in revision.paths)
    for one in locked_inputs(lock, revision.read):
        if not _is_held(one.path, held):
            yield one


def _is_held(path: str, held: list[str]) -> bool:
    """Return whether a path, something below it, or a folder around it is among the sorted ones."""
    for place in (path, *map(str, PurePosixPath(path).parents[:-1])):
        at = bisect_left(held, place)
        if at < len(held) and held[at] == place:
            return True
    at = bisect_left(held, f"{path}/")
    return at < len(held) and held[at].startswith(f"{path}/")
