"""Pseudo terminals: if the user has a terminal, a command finds one too."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import struct
import termios

from gitexp.execution.command.pieces import LogFile

_CHUNK = 64 * 1024
_NO_SIZE = bytes(struct.calcsize("HHHH"))
_OUTPUT_FLAGS = 1
"""Where `tcgetattr` keeps the flags of what happens to output."""


class Terminal:
    """The output side of a terminal: what is written to `child_fd` arrives here, unchanged."""

    def __init__(self, real_fd: int, log: LogFile) -> None:
        self._real = real_fd
        self._log = log
        self._master, self.child_fd = os.openpty()
        # The user's terminal turns \n into \r\n; doing so here as well would make it \r\r\n.
        attributes = termios.tcgetattr(real_fd)
        attributes[_OUTPUT_FLAGS] &= ~termios.OPOST
        termios.tcsetattr(self.child_fd, termios.TCSANOW, attributes)
        self.copy_size()
        os.set_blocking(self._master, False)
        self._awake, self._wake = os.pipe()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._master, selectors.EVENT_READ)
        self._selector.register(self._awake, selectors.EVENT_READ)

    def copy_size(self) -> bool:
        """Take over the size of the user's window; return whether it changed."""
        try:
            size = fcntl.ioctl(self._real, termios.TIOCGWINSZ, _NO_SIZE)
            if size == fcntl.ioctl(self.child_fd, termios.TIOCGWINSZ, _NO_SIZE):
                return False
            fcntl.ioctl(self.child_fd, termios.TIOCSWINSZ, size)
        except OSError:  # the window was closed
            return False
        return True

    def take(self) -> bytes:
        """Return what was written since, which may be nothing, and is in the log by then."""
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return b""
        self._log.append(data)
        return data

    def wait(self) -> None:
        """Wait until there is something to take, or `wake` was called."""
        self._selector.select()

    def wake(self) -> None:
        """End every `wait`, from now on."""
        os.write(self._wake, b"\0")

    def remaining(self) -> int:
        """Return how much can be left to take when nobody writes any more.

        More than the system buffers, and a bound: a daemon that the command left behind
        may go on writing for ever.
        """
        return 1024 * 1024

    def close(self) -> None:
        """Close both ends. Whoever still writes to the terminal gets an I/O error."""
        self._selector.close()
        for fd in (self._master, self.child_fd, self._awake, self._wake):
            with contextlib.suppress(OSError):
                os.close(fd)
