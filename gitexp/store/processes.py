"""Processes told apart from all others, on one machine and on a shared file system."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from msgspec import Struct


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
    """Return when a process began, '' if there is none; zombies have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _started_elsewhere(pid) if not Path("/proc/self/stat").exists() else ""
    return "" if fields[0] in "ZX" else fields[19]


def _started_elsewhere(pid: int) -> str:
    import psutil  # noqa: PLC0415 - 15 ms, where there is no /proc

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
