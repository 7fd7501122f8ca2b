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
from gitexp.store.processes import Place, ancestors, processes_by_run


class Left(Struct, frozen=True):
    """What a run has left behind in a work tree."""

    id: str
    """Of the run."""
    name: str
    work_tree: str
    places: tuple[Place, ...]
    """The processes as they were found at its end; they may have started others since."""


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

    Our own ancestors do not count: a shell that was left behind may be where we were started.
    `forgetting` removes the files of those that are gone; another machine's are left to it.
    """
    written = _all(repository)
    here = [left for left in written if left.work_tree == str(work_tree)]
    living = _living(here)
    if forgetting:
        for left in written:
            is_over = left in here and left.id not in living
            if (is_over and all(place.is_gone for place in left.places)) or _is_nowhere(left):
                with contextlib.suppress(OSError):  # read-only
                    _place(repository, left.id).unlink(missing_ok=True)
    return [(left, living[left.id]) for left in here if left.id in living]


def _living(written: list[Left]) -> dict[str, list[int]]:
    """Return the processes that can be seen from here, by the id of their run."""
    if not written:
        return {}
    marked = processes_by_run({left.id for left in written})
    found = {
        left.id: {*marked.get(left.id, ()), *(one.pid for one in left.places if one.is_seen)}
        for left in written
    }
    ours = ancestors() if any(found.values()) else set()
    return {run_id: sorted(pids - ours) for run_id, pids in found.items() if pids - ours}


def _is_nowhere(left: Left) -> bool:
    """Return whether the work tree is gone into which something could be written."""
    return not Path(left.work_tree).is_dir()


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
