"""Processes told apart from all others, on one machine and on a shared file system."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec import Struct

from gitexp.model.marks import marks_in

_LARGEST = 1 << 16
"""Bytes of an environment that are read at once; nearly all are smaller."""

_EXITING = 0x4
"""The kernel's mark of a process that has begun to exit, whatever its state: `PF_EXITING`."""

_BEGAN, _MEMORY, _ENVIRONMENT_ENDS = 19, 20, 48
"""Where the kernel says so, counted from what follows the name of a process."""

_PATIENCE = 10.0
"""Seconds in all that processes may take to put one program in place of another, on a busy machine.

Those that wait for a disk that does not answer all wait at once.
"""
_LOOK_EVERY = 0.001

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_WALL, _ELAPSED = time.time(), time.clock_gettime(_CLOCK)
"""When this program had not started anything yet."""


class Place(Struct, frozen=True):
    """What tells one process from any other, ever and on any machine of a shared file system."""

    host: str
    machine: str
    """What `/etc/machine-id` says."""
    boot: str
    namespace: str
    pid: int
    started: str
    """When the process began, in the system's own ticks: pids are used again."""

    @classmethod
    def of(cls, pid: int) -> Place:
        """Return the place of a process on this machine."""
        return cls(os.uname().nodename, _machine(), _boot(), _namespace(), pid, _started(pid))

    @property
    def is_gone(self) -> bool:
        """Return whether the process is known to have ended.

        Everything has that began before this machine was last started. Nothing is known about
        other machines and containers.
        """
        here = Place.of(self.pid)
        if (here.host, here.machine) == (self.host, self.machine) and here.boot != self.boot:
            return bool(self.machine and self.boot)
        if (here.host, here.boot, here.namespace) != (self.host, self.boot, self.namespace):
            return False
        return not here.started or here.started != self.started

    @property
    def is_seen(self) -> bool:
        """Return whether the process is alive, and can be seen from here."""
        return Place.of(self.pid) == self


def _machine() -> str:
    with contextlib.suppress(OSError):
        return Path("/etc/machine-id").read_text().strip()
    return ""


def _boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _namespace() -> str:
    with contextlib.suppress(OSError):
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no real path
    return ""


def _started(pid: int) -> str:
    """Return when a process began, '' if there is none; what is only to be collected is none."""
    try:
        fields = _stat(f"/proc/{pid}")
    except OSError:
        return _started_elsewhere(pid) if not Path("/proc/self/stat").exists() else ""
    return "" if _is_over(fields) else fields[_BEGAN].decode()


def _is_over(fields: list[bytes]) -> bool:
    """Return whether no code of a process runs any more, by what the kernel says of it.

    A busy machine can take seconds to take a process down. A first thread that has ended alone
    looks like a zombie, while the others go on.
    """
    state, flags, threads = fields[0], int(fields[6]), int(fields[17])
    return (state in (b"Z", b"X") or bool(flags & _EXITING)) and threads <= 1


def _started_elsewhere(pid: int) -> str:
    import psutil  # noqa: PLC0415 - 15 ms, where there is no /proc

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""


def marked_processes(
    run_id: str, leader: int | None = None, *, since: int | None = None
) -> Iterator[int]:
    """Yield the processes of a run that are alive: its mark is in their environment.

    Where that cannot be read, or was written over, they are known by the session that the
    command was started in: `leader` is its process. Processes of other users are not seen.
    Environments of processes that began before `since`, in ticks, are not read: that waits for
    whatever the process does to its memory, 10 ms and more where some are busy.
    """
    mark = run_id.encode()
    for pid, environment in _environments(since):
        is_marked = mark in environment and run_id in marks_in(environment)
        is_ours = is_marked or (leader is not None and _is_led(pid, leader))
        if is_ours and _started(pid):  # which may be over by now
            yield pid


def processes_by_run(run_ids: Collection[str]) -> dict[str, list[int]]:
    """Return the processes with the marks of runs, by the run's id; one look is enough for all."""
    found: dict[str, list[int]] = {}
    for pid, environment in _environments():
        for run_id in marks_in(environment).intersection(run_ids):
            if _started(pid):
                found.setdefault(run_id, []).append(pid)
    return found


def ancestors() -> set[int]:
    """Return this process and those that it was started by."""
    import psutil  # noqa: PLC0415 - 15 ms, where a run has left something behind

    with contextlib.suppress(psutil.Error):
        return {os.getpid(), *(process.pid for process in psutil.Process().parents())}
    return {os.getpid(), os.getppid()}


def our_beginning() -> int | None:
    """Return when this process began, in ticks; None where nobody can tell.

    Whatever it has started, by whatever detour, began then or later.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        return _beginning("/proc/self")
    return None


def _beginning(place: str) -> int:
    return int(_stat(place)[_BEGAN])


def _stat(place: str) -> list[bytes]:
    """Return what the kernel says of a process, from what follows its name."""
    return _content(f"{place}/stat").rpartition(b")")[2].split()


def _earliest() -> float:
    """Return a time that no process of ours has been seen before, whoever has set the clock.

    Its folder has the time at which anybody first looked at it: to ask each for its beginning
    takes five times as long (2 ms of 150).
    """
    elapsed = time.clock_gettime(_CLOCK) - _ELAPSED
    return min(_WALL, time.time() - elapsed) - 1


def _environments(since: int | None = None) -> Iterator[tuple[int, bytes]]:
    return _listed(since) if Path("/proc/self/environ").exists() else _listed_elsewhere()


def _listed(since: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield every process that may be ours, and its environment as far as it can be read."""
    user, earliest = os.geteuid(), _earliest()
    deadline = time.monotonic() + _PATIENCE
    with os.scandir("/proc") as found:
        for entry in found:
            if not entry.name.isdecimal():
                continue
            with contextlib.suppress(OSError):  # it has ended
                there = entry.stat()
                if user not in (0, there.st_uid):
                    continue
                if since is None or (
                    there.st_mtime >= earliest and _beginning(entry.path) >= since
                ):
                    yield int(entry.name), _environment(entry.path, deadline)


def _environment(place: str, deadline: float) -> bytes:
    """Return the environment of a process; empty if there is none, or it is not for us to read.

    While a process puts a program in its place, the new environment is not there yet, whoever has
    started it goes on, and a busy machine may stop it there: what is about to come is waited for.
    """
    with contextlib.suppress(OSError):
        found = _content(f"{place}/environ")
        while not found and _is_replaced(_stat(place)) and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)
            found = _content(f"{place}/environ")
        return found
    return b""


def _is_replaced(fields: list[bytes]) -> bool:
    """Return whether a process has memory, and no place in it for an environment so far."""
    if len(fields) <= _ENVIRONMENT_ENDS:  # what is no kernel of Linux may say less
        return False
    return fields[_MEMORY] != b"0" and fields[_ENVIRONMENT_ENDS] == b"0"


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.read(descriptor, _LARGEST)
        if len(found) < _LARGEST:  # mostly: then that was all
            return found
        return found + b"".join(iter(lambda: os.read(descriptor, _LARGEST), b""))
    finally:
        os.close(descriptor)


def _listed_elsewhere() -> Iterator[tuple[int, bytes]]:
    import psutil  # noqa: PLC0415 - 15 ms, where there is no /proc

    for process in psutil.process_iter():
        values: dict[str, str] = {}
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            values = process.environ()
        yield process.pid, b"\0".join(os.fsencode(f"{key}={one}") for key, one in values.items())


def _is_led(pid: int, leader: int) -> bool:
    with contextlib.suppress(OSError):  # it has ended
        return os.getsid(pid) == leader
    return False
