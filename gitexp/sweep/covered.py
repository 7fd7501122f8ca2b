"""Points that need no run, as a sweep's folder has them: one a line, added and never changed."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import ValidationError, convert, to_builtins

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder
from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot

_NAME = "covered.jsonl"


def note_covered(repository: Repository, sweep_id: str, covered: Iterable[Settled]) -> None:
    """Write down which points runs settle that are no runs of this sweep; the last word counts.

    To be called with the lock held under which points are taken, or before there are agents.
    """
    lines = [f"{json.dumps(to_builtins(one))}\n".encode() for one in covered]
    if not lines:
        return
    with _place(repository, sweep_id).open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":  # a power cut has torn the last line
                lines.insert(0, b"\n")
        file.write(b"".join(lines))


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


def _place(repository: Repository, sweep_id: str) -> Path:
    return own_folder(repository).sweeps / sweep_id / _NAME
