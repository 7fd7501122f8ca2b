"""What is wrong with a host, rather than with the run that it was to make: others may make it."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FAULTS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ESTALE,
    }
)
_ROOM = 1 << 16
"""Bytes that a host must be able to write at least."""


def is_of_host(error: BaseException, folder: Path) -> bool:
    """Return whether an error is the fault of the host that has a folder.

    Git and DVC say in words alone what the system has told them.

    >>> is_of_host(OSError(errno.ENOSPC, "full"), Path("/tmp"))
    True
    >>> is_of_host(ValueError("git: write error: No space left on device"), Path("/tmp"))
    True
    >>> is_of_host(FileNotFoundError(errno.ENOENT, "no such command"), Path("/tmp"))
    False
    """
    if any(isinstance(one, MemoryError) or _code(one) in _FAULTS for one in _causes(error)):
        return True
    return names_fault(str(error)) or not _can_write(folder)


def names_fault(text: str) -> bool:
    """Return whether a text has the system's words for a fault of the host."""
    return any(os.strerror(code) in text for code in _FAULTS)


def disk_of(folder: Path) -> int:
    """Return what tells the disk of a folder from others of its host; it need not be there yet."""
    while True:
        try:
            return folder.stat().st_dev
        except OSError:
            if folder == folder.parent:
                return 0
            folder = folder.parent


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it came of."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * _ROOM)
            file.flush()
    except OSError:
        return False
    return True
