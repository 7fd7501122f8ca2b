"""Files that a command writes its output to by itself, so that it needs no gitexp to go on.

Only a file can be written by a process that nobody reads from. If stdout and stderr lead to
one place, that file is the log, in exact order. If they differ, each needs a file of its own,
or gitexp could not tell what goes where; the log is then put together from the two pieces as they
grow: in order within a stream and, between streams, to within the time between two looks.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 64 * 1024
_SHORTEST, _LONGEST = 0.001, 0.04
"""Seconds between two looks at a file: right after something came, and when it is quiet."""

STREAMS = ("out", "err")

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_MARK = 20
"""Digits of a position, which is written over in place."""


class LogFile:
    """The log as gitexp writes it; a full disk must not end a training."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: OSError | None = None
        """Why the log lacks something, if it does."""
        self._fd: int | None = None
        self._marks: int | None = None
        self._writing = threading.Lock()

    def append(self, data: bytes) -> None:
        """Add `data` at the end."""
        with self._keeping_failure():
            if self._fd is None:
                self._fd = os.open(self.path, _APPEND, 0o666)
            while data:
                data = data[os.write(self._fd, data) :]

    def mark(self, stream: str, position: int) -> None:
        """Remember that the log has so much of a stream's piece."""
        with self._keeping_failure():
            if self._marks is None:
                self._marks = os.open(_marks_of(self.path), os.O_WRONLY | os.O_CREAT, 0o666)
            os.pwrite(self._marks, b"%0*d" % (_MARK, position), _MARK * STREAMS.index(stream))

    def close(self) -> None:
        """Close the file, and remove the pieces if it has all they hold."""
        self.append(b"")  # a command that printed nothing has a log too
        for fd in (self._fd, self._marks):
            with contextlib.suppress(OSError):
                if fd is not None:
                    os.close(fd)
        if self.failure is None:
            with contextlib.suppress(OSError):  # the folder goes as a whole
                _remove_pieces(self.path)

    def lacks(self, error: OSError) -> None:
        """Remember that the log lacks something, so that the pieces stay."""
        self.failure = self.failure or error

    @contextlib.contextmanager
    def _keeping_failure(self) -> Iterator[None]:
        with self._writing:
            try:
                yield
            except OSError as exc:
                self.failure = exc


class Followed:
    """The log, as it grows while a command writes it by itself."""

    def __init__(self, path: Path) -> None:
        self.child_fd = os.open(path, _APPEND, 0o666)
        self._fd = os.open(path, os.O_RDONLY)
        self._position = os.lseek(self._fd, 0, os.SEEK_END)
        self._pause = _SHORTEST
        self._woken = threading.Event()

    def take(self) -> bytes:
        """Return what was written since, which may be nothing."""
        try:
            data = os.read(self._fd, _CHUNK)
        except OSError:  # what fails once may pass
            data = os.read(self._fd, _CHUNK)
        self._position += len(data)
        self._pause = _SHORTEST if data else min(self._pause * 1.5, _LONGEST)
        return data

    def wait(self) -> None:
        """Wait until it is time for another look, or `wake` was called."""
        self._woken.wait(self._pause)

    def wake(self) -> None:
        """End every `wait`, from now on."""
        self._woken.set()

    def copy_size(self) -> bool:
        """Do nothing: a file has no window."""
        return False

    def remaining(self) -> int:
        """Return how much is left to take of what is there now."""
        return os.fstat(self._fd).st_size - self._position

    def close(self) -> None:
        """Close our ends; the command's own stay open."""
        for fd in (self._fd, self.child_fd):
            os.close(fd)


class Piece(Followed):
    """A file for one stream only, which goes into the log as it grows."""

    def __init__(self, log: LogFile, stream: str) -> None:
        super().__init__(_piece_of(log.path, stream))
        self._log = log
        self._stream = stream

    def take(self) -> bytes:
        """Return what was written since, which is in the log by then."""
        data = super().take()
        if data:
            self._log.append(data)
            self._log.mark(self._stream, self._position)
        return data


def gather(log: Path) -> None:
    """Add to `log` what its pieces still hold: for a run whose gitexp was killed.

    What it had added but not yet marked comes twice, rather than not at all.
    """
    for number, stream in enumerate(STREAMS):
        piece = _piece_of(log, stream)
        if piece.exists():
            with piece.open("rb") as source, log.open("ab") as target:
                source.seek(_marked(log, number))
                shutil.copyfileobj(source, target)
    _remove_pieces(log)


def _marked(log: Path, number: int) -> int:
    try:
        return int(_marks_of(log).read_bytes()[number * _MARK :][:_MARK].strip(b"\0") or b"0")
    except FileNotFoundError:
        return 0


def _piece_of(log: Path, stream: str) -> Path:
    return log.with_name(f"{log.name}.{stream}")


def _marks_of(log: Path) -> Path:
    return log.with_name(f"{log.name}.marks")


def _remove_pieces(log: Path) -> None:
    for path in (*(_piece_of(log, stream) for stream in STREAMS), _marks_of(log)):
        path.unlink(missing_ok=True)
