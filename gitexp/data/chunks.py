"""Files of any size read in chunks, and hashed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from gitexp.errors import GitexpError

CHUNK = 1 << 20


class Unreadable(GitexpError):
    """A file that is to be hashed cannot be read, or is not a file."""


def opened(path: Path) -> BinaryIO:
    """Open a file; raise Unreadable if that is not possible, or if it is none."""
    try:
        # A file that became a named pipe must not block us until somebody writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable(path, "it is neither a file nor a folder")
    return os.fdopen(descriptor, "rb", buffering=0)


def chunks_of(source: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield what an open file holds; raise Unreadable if the disk does not give it."""
    try:
        while chunk := source.read(CHUNK):
            yield chunk
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc


def _unreadable(path: Path, reason: str | None) -> Unreadable:
    return Unreadable(f"cannot read '{path}': {reason}", "Fix it or remove it, then try again.")


def hash_file(path: Path, watch: Callable[[int], None] | None = None) -> str:
    """Return the md5 of a file; `watch` hears how many bytes come next, and may raise to stop."""
    with opened(path) as source:
        chunks = chunks_of(source, path)
        return hash_chunks(chunks if watch is None else _watched(chunks, watch))


def _watched(chunks: Iterator[bytes], watch: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        watch(len(chunk))
        yield chunk


def hash_chunks(chunks: Iterator[bytes]) -> str:
    """Return the md5 of chunks."""
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
