"""What is left of sweeps beside their runs: the points that other runs settle, and definitions.

A sweep all of whose points are settled so has no run that would hold its definition.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.model.names import is_id
from gitexp.store.frozen import kept_sweeps
from gitexp.store.index.sweeps import SweepName, known_among
from gitexp.store.own import own_folder
from gitexp.store.runs import RunStore

POINTS, DEFINITION = ".jsonl", ".json"
_KEPT = 14 * 86_400
"""Seconds for which they stay where no run of their sweep is known."""


def place_of(repository: Repository, sweep_id: str, what: str) -> Path:
    """Return the file that has the points of a sweep, or its definition."""
    return own_folder(repository).covered / f"{sweep_id}{what}"


def covered_sweeps(repository: Repository) -> list[SweepName]:
    """Return the sweeps whose definition no run holds."""
    places = sorted(own_folder(repository).covered.glob(f"*{DEFINITION}"))
    return [SweepName(one.stem, _name(one)) for one in places if is_id(one.stem)]


def covered_waste(store: RunStore) -> tuple[Path, ...]:
    """Return the files of sweeps of which no run is known, and that nobody has begun lately."""
    folder = own_folder(store.repository).covered
    places = [one for one in sorted(folder.glob("*")) if is_id(one.stem) and _is_old(one)]
    if not places:
        return ()
    ids = {one.stem for one in places}
    needed = {one.id for one in kept_sweeps(store.repository)}
    if store.tip is not None:
        needed |= {one.id for one in store.index.answer(lambda asked: known_among(asked, ids))}
    return tuple(one for one in places if one.stem not in needed)


def _is_old(place: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - place.stat().st_mtime > _KEPT
    return False


def _name(place: Path) -> str | None:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        values = json.loads(place.read_bytes())
        name = values.get("name") if isinstance(values, dict) else None
        return name if isinstance(name, str) else None
    return None
