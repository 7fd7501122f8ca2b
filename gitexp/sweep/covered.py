"""Points of a sweep that need no run: one a line, added and never changed.

They stay when the files of the sweep go: no run of it says so.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import ValidationError, convert, to_builtins

from gitexp.data.replacing import replace_content
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.store.covered import DEFINITION, POINTS, place_of
from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot


def note_covered(repository: Repository, sweep_id: str, covered: Iterable[Settled]) -> None:
    """Write down which points runs settle that are no runs of this sweep; the last word counts.

    To be called with the lock held under which points are taken, or before there are agents.
    """
    lines = [f"{json.dumps(to_builtins(one))}\n".encode() for one in covered]
    if not lines:
        return
    place = _place(repository, sweep_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # a power cut has torn the last line
                lines.insert(0, b"\n")
        file.write(b"".join(lines))


def note_definition(repository: Repository, sweep_id: str, content: bytes) -> None:
    """Keep the definition of a sweep that needs no run at all, so that it is found by its name."""
    place = place_of(repository, sweep_id, DEFINITION)
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_content(place, content, onto_disk=False)


def forget_covered(repository: Repository, sweep_id: str) -> None:
    """Forget which points of a sweep need no run; to be called before there are agents."""
    _place(repository, sweep_id).unlink(missing_ok=True)


class CoveredReader:
    """Reads again and again which points are covered: only the lines that are new."""

    def __init__(self, repository: Repository, sweep_id: str) -> None:
        self._place = _place(repository, sweep_id)
        self._file = 0
        self._end = 0
        self._found: dict[Spot, Settled] = {}

    def read(self) -> Mapping[Spot, Settled]:
        """Return what is written down, by spot; one mapping, which grows."""
        try:
            seen = self._place.stat()
        except OSError:
            self._file, self._end = 0, 0
            self._found.clear()
            return self._found
        if seen.st_ino != self._file or seen.st_size < self._end:  # the sweep began anew
            self._file, self._end = seen.st_ino, 0
            self._found.clear()
        if seen.st_size > self._end:
            self._read_on()
        return self._found

    def _read_on(self) -> None:
        with contextlib.suppress(OSError), self._place.open("rb") as file:
            file.seek(self._end)
            whole, newline, _ = file.read().rpartition(b"\n")  # the last line may be in the making
            for line in whole.split(b"\n"):
                with contextlib.suppress(ValueError, ValidationError):
                    one = convert(json.loads(line), Settled)
                    self._found[one.spot] = one
            self._end += len(whole) + len(newline)


class StillCovered:
    """Reads again and again which points are covered by runs that are there and count."""

    def __init__(self, project: Project, sweep_id: str) -> None:
        self._runs = project.runs
        self._reader = CoveredReader(project.repository, sweep_id)
        self._there: dict[str, bool] = {}

    def counting(self, counts: Callable[[Settled], bool]) -> dict[Spot, Settled]:
        """Return what runs outside of a sweep settle, by spot."""
        return {
            spot: one
            for spot, one in self._reader.read().items()
            if one.has_result and counts(one) and self._is_there(one.run_id)
        }

    def _is_there(self, run_id: str) -> bool:
        """Return whether a run is recorded and not removed; each is looked up once."""
        known = self._there.get(run_id)
        if known is None:
            found = self._runs.tip is not None and self._runs.index.named(run_id, project=None)
            known = self._there[run_id] = bool(found)
        return known


def _place(repository: Repository, sweep_id: str) -> Path:
    return place_of(repository, sweep_id, POINTS)
