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
_EDGE = 4096
"""Bytes at the beginning and at the end of what was read by which it is known again."""
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

    A file that was there may be appended to, below the names that it has, or be written anew. The
    metric is looked for by its dotted name; in a file of DVCLive's, `val/loss.tsv`, also as
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
        self._offset = 0
        self._head, self._tail, self._rest = b"", b"", b""
        self._count = 0
        self._pass_over()
        self.exists = False
        """Whether the run has written the file."""

    def _pass_over(self) -> None:
        """Begin at the end of what an earlier run has left, but for the names above its rows."""
        if self._seen is None or self._lines is None:
            return
        self._offset = size = self._seen.size
        beginning = _read(self._path, 0, size)
        self._head = beginning[:_EDGE]
        self._tail = _read(self._path, max(0, size - _EDGE), min(size, _EDGE))
        # The names are known once there is a row, and no row of these is wanted.
        next(iter(self._lines.rows(beginning.decode(errors="replace").split("\n"))), None)

    def read(self) -> Iterator[Report]:
        """Return what is new since the last call; a file that is half written has nothing yet."""
        look = _look(self._path)
        if look is None or look == self._seen:
            return
        if self._lines is None:
            self.exists = True
            text = _read(self._path, 0)
            row = document(text.decode(errors="replace"))
            if row is not None:
                self._seen = look
                yield from self._report(row)
            return
        if not self._has_grown(look):
            self._lines, self._offset = reader_of(self._path.name), 0
            self._head, self._tail, self._rest = b"", b"", b""
        self._seen, self.exists = look, True
        yield from self._grown()

    def _has_grown(self, look: _Look) -> bool:
        """Return whether what was read is still there, so that all else was appended to it.

        A file that another has taken the place of may go on as the first one did, if both are of
        this run; the one that was there before it has ended in any case.
        """
        if self._seen is None or look.size < self._offset:
            return False
        if look.inode != self._seen.inode and not self.exists:
            return False
        tail = _read(self._path, self._offset - len(self._tail), len(self._tail))
        return tail == self._tail and _read(self._path, 0, len(self._head)) == self._head

    def _grown(self) -> Iterator[Report]:
        assert self._lines is not None
        while content := _read(self._path, self._offset):
            self._offset += len(content)
            self._head += content[: _EDGE - len(self._head)]
            self._tail = (self._tail + content)[-_EDGE:]
            *lines, self._rest = (self._rest + content).split(b"\n")
            if len(self._rest) > _MOST:
                self._rest = b""
            for row in self._lines.rows(line.decode(errors="replace") for line in lines):
                yield from self._report(row)

    def _report(self, row: Mapping[str, Any]) -> Iterator[Report]:
        """Return the report that a row is; one without the metric is none."""
        value = _value(row, *self._names)
        if value is None:
            return
        step = _value(row, *self._steps)
        if step is None and self._may_count:
            step, self._count = self._count, self._count + 1
        if step is not None and 0 <= step < _NO_STEP:
            yield Report(int(step), value)


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


def _read(path: Path, offset: int, size: int = _MOST) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset, os.SEEK_SET)
            return file.read(min(size, _MOST))
    except OSError:
        return b""


def _value(row: Mapping[str, Any], *names: str) -> float | None:
    return number_of(next((row[name] for name in names if name in row), None))
