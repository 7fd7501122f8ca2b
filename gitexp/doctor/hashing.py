"""Objects of a cache read by several threads, of which few wait at any time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from msgspec import Struct

from gitexp.data.chunks import hash_file
from gitexp.data.pointers import LEGACY_HASH
from gitexp.data.signatures import stat_signature
from gitexp.data.soundness import hash_object
from gitexp.errors import GitexpError

_BYTES = 16_000_000
"""From how many bytes on a thread is given no more objects at a time."""
_FILES = 64
_WAITING = 4
"""How many such parts wait for each thread."""


class Object(Struct, frozen=True):
    """An object of a cache, as its name says it."""

    path: str
    md5: str
    """With `.dir` for a list of files."""
    size: int
    is_legacy: bool = False
    """Whether it is of DVC 2, which hashed text with other line ends."""


class Looked(Struct, frozen=True):
    """What became of an object that was read."""

    object: Object
    signature: str
    found: str | None
    """The hash of its content; None if it cannot be read."""
    problem: GitexpError | None = None

    @property
    def is_sound(self) -> bool:
        """Whether the content is what the name says."""
        return self.found is not None and self.found == self.object.md5.removesuffix(".dir")


class _Stopped(Exception):
    """Somebody wants all this to end."""


class Hashing:
    """Reads objects in as many threads as there are cores: hashing needs no lock of Python's."""

    def __init__(self, read: Callable[[int], None]) -> None:
        self._read = read
        """Told how many bytes were read, by any thread."""
        self._stop = threading.Event()
        self._workers = _cores()

    def look(self, objects: Iterable[Object]) -> Iterator[list[Looked]]:
        """Yield what became of objects, in no order; ends soon after an exception like Ctrl-C."""
        pool = ThreadPoolExecutor(self._workers)
        pending: set[Future[list[Looked]]] = set()
        try:
            for part in _parts(objects):
                pending.add(pool.submit(self._look_at, part))
                if len(pending) >= _WAITING * self._workers:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)

    def _look_at(self, part: Sequence[Object]) -> list[Looked]:
        found: list[Looked] = []
        for one in part:
            try:
                found.append(self._looked(one))
            except _Stopped:
                break
        return found

    def _looked(self, one: Object) -> Looked:
        try:
            signature = stat_signature(os.stat(one.path))  # noqa: PTH116 - of many thousands
            if one.is_legacy:
                return Looked(one, signature, hash_object(one.path, LEGACY_HASH))
            return Looked(one, signature, hash_file(Path(one.path), self._watch))
        except GitexpError as error:
            return Looked(one, "", None, error)
        except OSError as error:
            said = GitexpError(f"cannot read '{one.path}': {error.strerror}")
            return Looked(one, "", None, said)

    def _watch(self, size: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        self._read(size)


def _cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _parts(objects: Iterable[Object]) -> Iterator[list[Object]]:
    part: list[Object] = []
    size = 0
    for one in objects:
        part.append(one)
        size += one.size
        if size >= _BYTES or len(part) >= _FILES:
            yield part
            part, size = [], 0
    if part:
        yield part
