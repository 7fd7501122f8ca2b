"""Processes that runs have left behind: a file for each such run, until they are gone."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from msgspec import MsgspecError, Struct, convert, to_builtins

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder
from gitexp.store.processes import Place, ancestors, marked_processes


class Left(Struct, frozen=True):
    """What a run has left behind in a work tree."""

    id: str
    """Of the run."""
    name: str
    work_tree: str
    places: tuple[Place, ...]
    """The processes as they were found at its end; they may have started others since."""

    @property
    def living(self) -> list[int]:
        """The processes of the run that can be seen from here, without our own ancestors.

        A shell that was left behind may be where we were started.
        """
        found = {*marked_processes(self.id), *(one.pid for one in self.places if one.is_seen)}
        return sorted(found - ancestors()) if found else []


def remember(repository: Repository, left: Left) -> None:
    """Write down that a run has left processes behind."""
    place = _place(repository, left.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(to_builtins(left)))
    temporary.replace(place)


def remembered(
    repository: Repository, work_tree: Path, *, forgetting: bool = False
) -> list[tuple[Left, list[int]]]:
    """Return what earlier runs left behind in a work tree and still lives, with its processes.

    `forgetting` removes the files of those that are gone; another machine's are left to it.
    """
    found = []
    for left in _all(repository):
        if left.work_tree != str(work_tree):
            continue
        living = left.living
        if living:
            found.append((left, living))
        elif forgetting and all(place.is_gone for place in left.places):
            with contextlib.suppress(OSError):  # read-only
                _place(repository, left.id).unlink(missing_ok=True)
    return found


def _all(repository: Repository) -> list[Left]:
    """Return what is written down; a file that cannot be read does not count."""
    try:
        names = sorted(os.listdir(own_folder(repository).left))  # noqa: PTH208 - mostly not there
    except OSError:
        return []
    found = []
    for name in names:
        with contextlib.suppress(OSError, ValueError, MsgspecError):
            values: Any = json.loads((own_folder(repository).left / name).read_bytes())
            found.append(convert(values, Left))
    return found


def _place(repository: Repository, run_id: str) -> Path:
    return own_folder(repository).left / f"{run_id}.json"
