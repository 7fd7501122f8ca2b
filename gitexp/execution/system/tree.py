"""A command and all that it has started, with what they have used so far."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import psutil


class Counters(Struct, frozen=True):
    """What a tree of processes has used."""

    pids: tuple[int, ...]
    cpu: float
    """Seconds since the start, also of processes that have ended and were waited for."""
    memory: int
    """Bytes resident now; what processes share counts for each of them."""
    read: int | None = None
    """Bytes read from storage since the start; None where the system does not say."""
    written: int | None = None


class Tree:
    """The processes of a command."""

    def __init__(self, pid: int) -> None:
        import psutil  # noqa: PLC0415 - 15 ms, of commands that run for more than a second

        self._failures = psutil.Error
        self._root = psutil.Process(pid)

    def look(self) -> Counters | None:
        """Return what the processes have used; None if there are none any more."""
        pids: list[int] = []
        disk: list[tuple[int, int]] = []
        cpu, memory = 0.0, 0
        for process in self._processes():
            with contextlib.suppress(self._failures), process.oneshot():  # it has ended, say
                times, resident = process.cpu_times(), process.memory_info().rss
                cpu += times.user + times.system + times.children_user + times.children_system
                memory += resident
                pids.append(process.pid)
                disk += self._disk(process)
        if not pids:
            return None
        read, written = map(sum, zip(*disk, strict=True)) if disk else (None, None)
        return Counters(tuple(pids), cpu, memory, read, written)

    def _processes(self) -> list[psutil.Process]:
        with contextlib.suppress(self._failures):
            return [self._root, *self._root.children(recursive=True)]
        return []

    def _disk(self, process: psutil.Process) -> list[tuple[int, int]]:
        """Return what a process has read and written; on macOS, nothing is known of that."""
        if hasattr(process, "io_counters"):
            with contextlib.suppress(self._failures):  # it runs as somebody else
                found = process.io_counters()
                return [(found.read_bytes, found.write_bytes)]
        return []
