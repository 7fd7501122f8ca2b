"""The files by which it is seen whether a run reads what earlier ones left."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from gitexp.execution.work_tree.files import walk
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.execution.work_tree.watched import WatchedPointer

_EVENTS = ".tfevents"


def places_to_watch(
    top: Path, watched: Iterable[WatchedPointer], untracked: Untracked
) -> dict[str, list[str]]:
    """Return those files by what they tell of, in settled folders too; they are whole paths."""
    start = f"{top}/"
    known = telling(top, watched, untracked.earlier)
    found = {path: [start + one for one in files] for path, files in known.items()}
    for one in untracked.settled:
        for path, files in one.tells.items():
            found[path] = [start + file for file in files]
    return found


def telling(
    top: Path, watched: Iterable[WatchedPointer], earlier: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the files by what they tell of; both are paths from the top.

    Of a Python module that is what Python has compiled as well. Event files are read by
    TensorBoard all the time, and by no training.
    """
    pointers: dict[str, list[str]] = defaultdict(list)
    for one in watched:
        if one.earlier:
            pointers[one.file] += _files(top, one.pointer.path)
    found: dict[str, tuple[str, ...]] = {}
    for path in earlier:
        folder, _, name = path.rpartition("/")
        if path in pointers:
            found[path] = tuple(pointers[path])
        elif name.endswith(".py"):
            import glob  # noqa: PLC0415 - 1 ms, where something was written

            cached = Path(folder, "__pycache__").joinpath
            compiled = (top / folder / "__pycache__").glob(f"{glob.escape(name[:-3])}.*.pyc")
            found[path] = (path, *(str(cached(one.name)) for one in compiled))
        elif name != ".gitignore" and _EVENTS not in name:
            found[path] = (path,)
    return found


def _files(top: Path, path: str) -> list[str]:
    if not os.path.isdir(f"{top}/{path}"):  # noqa: PTH112 - of many
        return [path]
    return list(walk(top, path))
