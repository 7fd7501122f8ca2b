"""What a run under way reports: a file that it writes, read as it grows."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitexp.sweep.pruning.rows import document, number_of, reader_of

_MOST = 1 << 20
"""Bytes that are read at a time; longer lines are no reports."""
_USUAL_STEPS = ("step", "epoch")
"""What counts the reports, if nobody said and one of them is there."""
_NO_STEP = 1 << 53
"""Whole numbers from here on are not exact as floats."""


class Report(Struct, frozen=True):
    """An intermediate value."""

    step: int
    value: float


class Channel:
    """One progress file, from its first line that was not there before the run.

    The metric is looked for by its dotted name; in a file of DVCLive's, `val/loss.tsv`, also as
    the column `loss`.
    """

    def __init__(self, path: Path, metric: str, step: str | None) -> None:
        self._path = path
        self._steps = (step,) if step is not None else _USUAL_STEPS
        self._may_count = step is None
        last = metric.replace("/", ".").rpartition(".")[2]
        self._names = (metric, last) if path.suffix == ".tsv" else (metric,)
        self._lines = reader_of(path.name)
        self._seen = _look(path)
        """What the file was when it was last read."""
        self._offset = self._seen.size if self._seen is not None and self._lines else 0
        self._rest = b""
        self._count = 0
        self.exists = False
        """Whether the run has written the file."""
        self.passed_over: tuple[str, ...] = ()
        """The names in the last row that was no report."""

    def read(self) -> Iterator[Report]:
        """Return what is new since the last call; a file that is half written has nothing yet."""
        look = _look(self._path)
        if look is None or look == self._seen:
            return
        self.exists = True
        if self._lines is None:
            text = _read(self._path, 0)
            row = document(text.decode(errors="replace"))
            if row is not None:
                self._seen = look
                yield from self._report(row)
            return
        if self._seen is None or look.inode != self._seen.inode or look.size < self._offset:
            self._lines, self._offset, self._rest = reader_of(self._path.name), 0, b""
        self._seen = look
        yield from self._grown()

    def _grown(self) -> Iterator[Report]:
        assert self._lines is not None
        while content := _read(self._path, self._offset):
            self._offset += len(content)
            *lines, self._rest = (self._rest + content).split(b"\n")
            if len(self._rest) > _MOST:
                self._rest = b""
            for row in self._lines.rows(line.decode(errors="replace") for line in lines):
                yield from self._report(row)

    def _report(self, row: Mapping[str, Any]) -> Iterator[Report]:
        """Return the report that a row is; one without the metric is none."""
        value = _value(row, *self._names)
        if value is None:
            self.passed_over = tuple(row)
            return
        step = _value(row, *self._steps)
        if step is None and self._may_count:
            step, self._count = self._count, self._count + 1
        if step is not None and 0 <= step < _NO_STEP:
            yield Report(int(step), value)
        else:
            self.passed_over = tuple(row)


class _Look(Struct, frozen=True):
    """What tells one state of a file from another."""

    inode: int
    size: int
    changed: int


def _look(path: Path) -> _Look | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):  # a pipe would never end
        return None
    return _Look(found.st_ino, found.st_size, found.st_mtime_ns)


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset, os.SEEK_SET)
            return file.read(_MOST)
    except OSError:
        return b""


def _value(row: Mapping[str, Any], *names: str) -> float | None:
    return number_of(next((row[name] for name in names if name in row), None))
