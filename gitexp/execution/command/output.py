"""A command's output on its way to the user's terminal or pipe, and into the log."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from gitexp.execution.command import pieces
from gitexp.execution.command.process import AWAKE_AFTER, start_thread
from gitexp.execution.command.terminal import Terminal

_STDOUT, _STDERR = 1, 2

_PATIENCE = 1.0
"""Seconds for the rest of the output once gitexp was told to stop waiting for its reader."""


class Source(Protocol):
    """Where a command's output comes from: a pseudo terminal, or a file."""

    child_fd: int

    def take(self) -> bytes: ...
    def wait(self) -> None: ...
    def wake(self) -> None: ...
    def remaining(self) -> int: ...
    def copy_size(self) -> bool: ...
    def close(self) -> None: ...


class Output:
    """Both streams of one command, kept in `log`.

    One source serves both streams if both lead to the same place, so that what the
    command wrote stays in order: with two terminals in between, `tqdm.write` would leave
    shreds of its bar behind. What is not shown goes to the log alone.
    """

    def __init__(self, log: Path, *, shown: bool = True) -> None:
        # Asked before a file is opened, which may get the number of a closed stdout.
        targets = [fd if shown and _is_open(fd) else None for fd in (_STDOUT, _STDERR)]
        together = not shown or _same_place(_STDOUT, _STDERR)
        self._log = pieces.LogFile(log)
        self._news: SimpleQueue[str] = SimpleQueue()
        self._pumps = [
            _Pump(self._source(target, stream, alone=together), target, self._news)
            for target, stream in list(zip(targets, pieces.STREAMS, strict=True))[: 2 - together]
        ]

    @property
    def child_fds(self) -> tuple[int, int]:
        """What the command gets for stdout and stderr."""
        return self._pumps[0].source.child_fd, self._pumps[-1].source.child_fd

    def start(self) -> None:
        """Pass on from now on what the command writes."""
        for pump in self._pumps:
            start_thread(pump.run)

    def end(self) -> None:
        """Stop when what is there has been passed on: the command has ended."""
        for pump in self._pumps:
            pump.end()

    def give_up(self) -> None:
        """Wait no longer for a reader that does not read, if that is all there is to wait for.

        May be called by a signal handler: a `SimpleQueue` allows it, an `Event` does not.
        """
        if self._pumps[0].ended.is_set():
            self._news.put("give up")

    def drain(self) -> OSError | None:
        """Wait until everything is passed on; return why the log lacks something, if it does."""
        until: float | None = None
        passed_on = 0
        while passed_on < len(self._pumps) and (until is None or time.monotonic() < until):
            try:
                if self._news.get(timeout=AWAKE_AFTER) == "done":
                    passed_on += 1
                else:
                    until = time.monotonic() + _PATIENCE
            except Empty:
                continue
        for pump in self._pumps:
            try:
                pump.keep_rest()
            except OSError as error:
                self._log.lacks(error)
        self._log.close()
        return self._log.failure

    def cancel(self) -> None:
        """Close everything: the command could not be started."""
        for pump in self._pumps:
            pump.source.close()
        self._log.close()

    def copy_size(self) -> bool:
        """Take over the size of the user's window; return whether it changed."""
        return sum(pump.source.copy_size() for pump in self._pumps) > 0

    def _source(self, target: int | None, stream: str, *, alone: bool) -> Source:
        if target is not None and os.isatty(target):
            with contextlib.suppress(OSError):  # a container without pseudo terminals
                return Terminal(target, self._log)
        if alone:
            return pieces.Followed(self._log.path)
        return pieces.Piece(self._log, stream)


class _Pump:
    """A thread that carries one source's output to the user.

    Each source has its own, so that a pager that pauses on stdout does not hold up what
    comes on stderr.
    """

    def __init__(self, source: Source, target: int | None, news: SimpleQueue[str]) -> None:
        self.source = source
        self._target = target
        self._news = news
        self.ended = threading.Event()
        self._taking = threading.Lock()
        self._closed = False

    def end(self) -> None:
        """Finish with what is there."""
        # Awake first: a pump that sees the end closes what `wake` needs.
        self.source.wake()
        self.ended.set()

    def run(self) -> None:
        """Carry until the command has ended, and then what is there."""
        try:
            while not self.ended.is_set():
                if not self._carry():
                    self.source.wait()
            left = self._remaining()
            while left > 0 and (carried := self._carry()):
                left -= carried
        except OSError:  # the log still gets it, if it can be read
            pass
        finally:
            self._news.put("done")

    def keep_rest(self) -> None:
        """Put into the log what is left, without passing it on, and close."""
        left = self._remaining()
        with self._taking:
            while left > 0 and (data := self.source.take()):
                left -= len(data)
            self._closed = True
            self.source.close()

    def _remaining(self) -> int:
        with self._taking:
            return 0 if self._closed else self.source.remaining()

    def _carry(self) -> int:
        with self._taking:
            data = b"" if self._closed else self.source.take()
        if data and self._target is not None and not _written(self._target, data):
            self._target = None  # `gitexp run ... | head`: the run goes on
        return len(data)


def _is_open(fd: int) -> bool:
    """Return whether we were started with this stream; by now its number may be another file's."""
    return (sys.__stdout__ if fd == _STDOUT else sys.__stderr__) is not None


def _same_place(one: int, other: int) -> bool:
    try:
        return os.path.samestat(os.fstat(one), os.fstat(other))
    except OSError:
        return False


def _written(fd: int, data: bytes) -> bool:
    """Write all of `data`, however slow its reader; return whether there is one."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(fd, left) :]
        except BlockingIOError:  # whoever shares our stdout has made it so
            select.select([], [fd], [])
        except OSError:
            return False
    return True
