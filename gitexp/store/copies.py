"""Places for copies of the work tree: claimed by one run at a time, and used again."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.store.journal import Journal
from gitexp.store.left import remembered
from gitexp.store.locks import locked, tried
from gitexp.store.own import own_folder

_MOST = 1000
"""How many runs at once in one repository, before something is taken to be wrong."""


def idle_copies(repository: Repository) -> list[Path]:
    """Return the copies of the work tree that no run uses; each comes back when it is needed."""
    return [place for place in _places(repository) if _is_idle(repository, place)]


def drop_copies(repository: Repository) -> None:
    """Delete the copies of the work tree that no run uses."""
    for place in _places(repository):
        with tried(place.with_suffix(".lock")) as mine:
            if mine and not _is_noted(repository, place) and not remembered(repository, place):
                shutil.rmtree(place, ignore_errors=True)
    with locked(repository):
        repository.git("worktree", "prune")


def _places(repository: Repository) -> list[Path]:
    folder = own_folder(repository).work
    return sorted(lock.with_suffix("") for lock in folder.glob("*.lock") if lock.stem.isdigit())


def _is_idle(repository: Repository, place: Path) -> bool:
    with tried(place.with_suffix(".lock")) as mine:
        is_free = mine and place.is_dir() and not _is_noted(repository, place)
        return is_free and not remembered(repository, place)


def _is_noted(repository: Repository, place: Path) -> bool:
    """Return whether a run is in there, or is to be recovered from there."""
    return any(entry.work_tree == str(place) for entry in Journal(repository).entries())


@contextlib.contextmanager
def claimed_place(repository: Repository) -> Iterator[Path]:
    """Take the first place that no run uses, or needs to be recovered from."""
    folder = own_folder(repository).made().work
    folder.mkdir(exist_ok=True)
    for number in range(1, _MOST):
        place = folder / str(number)
        lock = place.with_suffix(".lock")
        lock.touch()
        with tried(lock) as mine:
            if not mine:
                continue
            if _is_noted(repository, place) or remembered(repository, place):
                continue  # nor one into which processes of an earlier run may still write
            yield place
            return
    raise GitexpError(f"more than {_MOST} runs at once in '{folder}'")
