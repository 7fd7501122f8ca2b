"""One process of the user's: started, signalled, and waited for to the moment."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError

_FOR_THE_MAIN_THREAD = frozenset(
    getattr(signal, f"SIG{name}")
    for name in "INT QUIT TERM HUP USR1 USR2 WINCH CONT TSTP CHLD ALRM PIPE".split()
)


AWAKE_AFTER = 0.5
"""Seconds that the main thread sleeps at most.

Python's handlers run in it alone, and only once it is awake: a signal that comes just before it
falls asleep, or to another thread, does not wake it.
"""


class CommandNotFound(GitexpError):
    """There is no such program."""


class CommandNotExecutable(GitexpError):
    """The program is there but cannot be started."""


class Process:
    """A running command. A thread waits for it, so that its end is noticed when it comes."""

    def __init__(
        self, popen: subprocess.Popen[bytes], *, leads_group: bool, on_end: Callable[[], None]
    ) -> None:
        self.pid = popen.pid
        self.ended = threading.Event()
        self.status: int | None = None
        """As `waitpid` gives it; None while the command runs."""
        self.usage: resource.struct_rusage | None = None
        self.ended_at = 0.0
        """By the monotonic clock."""
        self.told_to_stop_for: list[str] = []
        """Why it was told to stop while it ran, in order."""
        self._popen = popen
        self.leads_group = leads_group
        """Whether what it has started hears of signals to it."""
        self._on_end = on_end
        self._reaping = threading.RLock()
        start_thread(self._reap)

    def send(self, *signums: int, why: str | None = None) -> bool:
        """Signal the command, with its group if it leads one; return False if it has ended.

        Why it is told to stop is noted before anybody can hear that it has.
        """
        kill = os.killpg if self.leads_group else os.kill
        with self._reaping:
            if self._has_exited():
                return False
            for signum in signums:
                try:
                    kill(self.pid, signum)
                except ProcessLookupError:
                    return False
                except PermissionError:  # macOS, for a zombie; or a command that changed its user
                    return False
            if why is not None:
                self.told_to_stop_for.append(why)
        return True

    def _has_exited(self) -> bool:
        """Return whether the command has ended, though our thread may not have noticed so far."""
        if self.status is not None:
            return True
        found = None
        if hasattr(os, "waitid"):
            found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        return found is not None

    def _reap(self) -> None:
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            self.ended_at = time.monotonic()  # whoever finds it gone comes later
            with self._reaping:  # from here on the pid may be somebody else's
                self._note(*os.wait4(self.pid, 0))
        else:  # macOS before Python 3.13: a signal sent at this very moment may go astray
            ended = os.wait4(self.pid, 0)
            self.ended_at = time.monotonic()
            self._note(*ended)
        try:
            self._on_end()
        finally:
            self.ended.set()

    def _note(self, _pid: int, status: int, usage: resource.struct_rusage) -> None:
        self.usage = usage
        self.status = status
        self._popen.returncode = os.waitstatus_to_exitcode(status)  # else it warns when collected


def spawn(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    child_fds: tuple[int, int],
    own_group: bool,
) -> subprocess.Popen[bytes]:
    """Start a program with our stdin and the two descriptors for stdout and stderr."""
    stdout, stderr = child_fds
    try:
        return subprocess.Popen(
            list(argv),
            cwd=str(cwd),
            env=dict(env),
            stdout=stdout,
            stderr=stderr,
            # Descriptors are passed on by `train.py <(zcat data.gz)` and by make's job server;
            # those that Python opens close by themselves.
            close_fds=False,
            start_new_session=own_group,
        )
    except OSError as exc:
        raise _refusal(argv[0], cwd, exc) from exc


def _refusal(program: str, cwd: Path, exc: OSError) -> GitexpError:
    if exc.filename == str(cwd):
        return GitexpError(f"cannot enter '{cwd}': {exc.strerror}")
    if exc.errno in (errno.ENOENT, errno.ENOTDIR):
        return CommandNotFound(f"no command '{program}'", _hint_for_missing(program, cwd))
    hints = {
        errno.EACCES: f"`chmod +x {program}` makes a file executable.",
        errno.ENOEXEC: "The first line of a script says what runs it, such as `#!/bin/sh`.",
    }
    return CommandNotExecutable(
        f"cannot run '{program}': {(exc.strerror or '').lower()}", hints.get(exc.errno or 0)
    )


def _hint_for_missing(program: str, cwd: Path) -> str:
    if "/" in program and (cwd / program).exists():
        return f"Its first line names something that is not there; see `head -1 {program}`."
    if (cwd / program).is_file():
        return f"A file in this folder is run with its path: `./{program}`."
    return f"Look for it with `type {program}`."


def start_thread(run: Callable[[], None]) -> None:
    """Start a thread that no signal interrupts.

    Signals are for the main thread: one that the system delivered elsewhere would wake
    nobody up, and a broken pipe is to be an error, whatever SIGPIPE does.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_THE_MAIN_THREAD)
    try:
        threading.Thread(target=run, daemon=True).start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
