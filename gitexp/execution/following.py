"""What a run prints, while it does: whole lines as a terminal shows them, from another process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gitexp.execution.command.log import readable

_CHUNK = 1_000_000
_BACK = 65_536
"""How far back the last lines are looked for."""
_LONGEST = 65_536
"""Bytes of a line without an end that are held."""


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """Return the last lines that a run has printed so far."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _BACK))
        return tuple(_shown(file.read(_BACK).splitlines()[-count:]))
    return ()


def _shown(lines: list[bytes]) -> Iterator[str]:
    for line in lines:
        yield readable(line).decode(errors="replace")


class Printed:
    """The log of a run under way; once open it is read to its end, wherever it is moved."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._file: BinaryIO | None = None
        self._rest = b""

    @property
    def unfinished(self) -> str:
        """What stands on the last line so far, such as a progress bar."""
        return readable(self._rest).decode(errors="replace")

    def skip_to(self, count: int) -> None:
        """Begin with the last lines only."""
        if not self._open():
            return
        assert self._file is not None  # as it was just opened
        start = max(0, self._file.seek(0, 2) - _BACK)
        self._file.seek(start)
        lines = self._file.read(_BACK).splitlines(keepends=True)
        self._file.seek(-sum(map(len, lines[-count:])), 1) if lines else None

    def news(self) -> Iterator[str]:
        """Yield the lines that have been finished since the last time."""
        if not self._open():
            return
        assert self._file is not None  # as it was just opened
        while data := self._file.read(_CHUNK):
            *lines, self._rest = (self._rest + data).split(b"\n")
            yield from _shown(lines)
            if len(self._rest) > _LONGEST:  # a progress bar: what it shows now is at its end
                self._rest = self._rest[-_LONGEST:]

    def end(self) -> Iterator[str]:
        """Yield what is left, with a last line that never ended, and close the log."""
        yield from self.news()
        if self._rest:
            yield self.unfinished
        if self._file is not None:
            self._file.close()

    def _open(self) -> bool:
        if self._file is None:
            with contextlib.suppress(OSError):  # the command has not printed anything
                self._file = self._log.open("rb")
        return self._file is not None
