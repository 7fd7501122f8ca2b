"""The folder that gitexp keeps on the host of a worker: a repository for each sweep, and its runs.

Any number of workers of one host share it. What holds it together are locks of the system, which
end with whoever holds them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.store.processes import marked_processes

TASK, PARCEL, STOP, FORGOTTEN = "task", "parcel", "stop", "forgotten"
RECORDED = "recorded"
"""The run is on the branch of the repository there; it may still have to be packed."""
_LOCK = "lock"
_HOME = "home"
_FORGOTTEN_AFTER = 14 * 86_400
"""Seconds after which nobody is going to ask for what was left."""


class Place:
    """The folder of one sweep."""

    def __init__(self, base: Path, key: str) -> None:
        self.folder = base / key
        self.home = self.folder / _HOME
        """The repository, once it is made."""
        self._runs = self.folder / "made"

    def run(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self._runs / run_id

    def runs(self) -> list[Path]:
        """Return the folders of the runs that there are."""
        return sorted(self._runs.glob("[!.]*"))

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Keep others from clearing it away."""
        with locked(self.folder, fcntl.LOCK_SH):
            (self.folder / _LOCK).touch()
            yield

    @contextlib.contextmanager
    def making(self) -> Iterator[bool]:
        """Give whether the repository is to be made; only one at a time is told so."""
        with locked(self.folder / "making", fcntl.LOCK_EX):
            yield not self.home.exists()

    def clear(self) -> bool:
        """Remove all of it, unless a run is under way or waits to be handed over."""
        if not self.folder.exists():
            return True
        try:
            with locked(self.folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                if any(is_made(run) for run in self.runs()):
                    return False
                _remove(self.folder)
        except BlockingIOError:
            return False
        return True


def made_base(base: Path) -> Path:
    """Return the folder for all sweeps, made if need be; nobody else may write there."""
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GitexpError(f"cannot make '{base}' for runs: {error.strerror}") from error
    if not is_ours(base):
        raise GitexpError(
            f"'{base}' is not a folder of this user's alone, and runs would be made there",
            hint="Remove it, or start the worker with another `--local-directory`.",
        )
    return base


def is_ours(base: Path) -> bool:
    """Return whether there is a folder for all sweeps in which nobody else may write."""
    try:
        found = base.lstat()
    except OSError:
        return False
    is_mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return is_mine and not found.st_mode & 0o022


def tidy(base: Path) -> None:
    """Clear up after processes that were killed, and after sweeps that nobody went on with."""
    for rest in base.glob(".*"):  # of a removal that was cut off
        shutil.rmtree(rest, ignore_errors=True)
    for folder in base.glob("[!.]*"):
        place = Place(base, folder.name)
        for run in place.runs():
            with contextlib.suppress(OSError), locked(run, fcntl.LOCK_EX | fcntl.LOCK_NB):
                if not is_made(run):
                    end_processes(run.name)
                    _remove(run)
        with contextlib.suppress(OSError):
            if time.time() - (folder / _LOCK).stat().st_mtime > _FORGOTTEN_AFTER:
                for run in place.runs():
                    for name in (PARCEL, RECORDED):
                        (run / name).unlink(missing_ok=True)
                place.clear()


def is_made(run: Path) -> bool:
    """Return whether there is a run to be handed over, packed or not."""
    return (run / PARCEL).exists() or (run / RECORDED).exists()


def forget(run: Path) -> None:
    """Remove a run that was handed over; have one that is under way stopped and removed."""
    if not run.exists():
        return
    try:
        with locked(run, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _remove(run)
    except BlockingIOError:
        for name in (FORGOTTEN, STOP):
            with contextlib.suppress(OSError):
                (run / name).touch()


def end_processes(run_id: str) -> None:
    """Kill what is left of a command whose gitexp was killed."""
    for pid in marked_processes(run_id):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def locked(folder: Path, how: int) -> Iterator[int]:
    """Hold the lock of a folder, which is made if need be; gives the open file.

    Raises BlockingIOError if it is held by another and that is not to be waited for.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:  # it was just cleared away
            continue
        try:
            fcntl.flock(descriptor, how)
            if _is_at(descriptor, folder / _LOCK):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file still is the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _remove(folder: Path) -> None:
    """Remove a folder whose lock is held: at once for those who look, then file by file."""
    gone = folder.with_name(f".{secrets.token_hex(8)}")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
