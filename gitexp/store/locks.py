"""Locks that end with whoever holds them, on every file system.

The system's own (`flock`) if there are any. Some network file systems have none, and say
so: there a file that only one process can create (`O_EXCL`) names its owner, and is taken
for abandoned by the same rules as an entry of the journal.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import to_builtins

from gitexp.git.repository import Repository
from gitexp.model.lean_digests import lean_digest
from gitexp.store.own import own_folder
from gitexp.store.processes import Place

OWNER = ".owner"
"""The ending of the name of a file that stands for a lock."""

PATIENCE = 60.0
"""Seconds after which an owner on another machine is no longer waited for.

What is done under such a lock takes a moment; and it only keeps order: that no run is lost
is the work of git's own compare-and-swap.
"""

_LOOK_EVERY = 0.01
_UNREADABLE_FOR = 60.0
"""Seconds after which an owner who has not written its name is taken for killed."""


@contextlib.contextmanager
def held(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a file, waiting for whoever else holds it."""
    with path.open("a") as file:
        if _has_locks(file.fileno(), fcntl.LOCK_EX):
            yield
        else:
            with OwnerFile(path).held(patience=patience):
                yield


@contextlib.contextmanager
def tried(path: Path, *, even_unseen: bool = False) -> Iterator[bool]:
    """Hold the lock of a file that exists, or give False if another process holds it.

    With `even_unseen` an owner of whom nothing can be known from here counts as gone.
    """
    with path.open("r+b", buffering=0) as file:  # a buffered one seeks when it is closed
        try:
            native = _has_locks(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        if native:
            yield True
            return
        with OwnerFile(path).tried(even_unseen=even_unseen) as mine:
            yield mine


@contextlib.contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Hold the advisory lock around choosing a parent and moving the branch.

    Only for order: 32 writers that merely tried again needed 309 attempts and 8.9 s. The
    compare-and-swap of the refs is what keeps runs from being lost.
    """
    with held(own_folder(repository).made().branch_lock):
        yield


@contextlib.contextmanager
def unless_locked(repository: Repository) -> Iterator[bool]:
    """Hold the same lock, or give False at once if another process holds it."""
    path = own_folder(repository).made().branch_lock
    path.touch()
    with tried(path) as free:
        yield free


def has_locks(path: Path) -> bool:
    """Return whether the file system of a file, which is made if need be, has locks."""
    with path.open("a") as file:
        try:
            return _has_locks(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True


def owner_of(file: Path) -> Place | None:
    """Return who made a file that stands for a lock, if that can be read."""
    with contextlib.suppress(OSError):
        return _owner(file.read_bytes())
    return None


def _has_locks(fileno: int, wanted: int) -> bool:
    """Lock a file, if its file system can; raises BlockingIOError if another process holds it."""
    try:
        fcntl.flock(fileno, wanted)
    except BlockingIOError:
        raise
    except OSError:  # ENOLCK, EOPNOTSUPP, ENOSYS, and whatever a FUSE makes of it
        return False
    return True


class OwnerFile:
    """A lock made of a file beside the one that is locked, which says who made it."""

    def __init__(self, path: Path) -> None:
        self._file = path.with_name(path.name + OWNER)

    @property
    def owner(self) -> Place | None:
        """Who holds the lock, if that can be read."""
        return owner_of(self._file)

    @contextlib.contextmanager
    def held(self, *, patience: float = PATIENCE) -> Iterator[None]:
        """Wait for the lock and hold it."""
        content: bytes | None = None
        since, pause = time.monotonic(), 0.001
        while not self._take(even_unseen=time.monotonic() - since > patience):
            found = self._content()
            if found != content:
                content, since = found, time.monotonic()
            time.sleep(pause)
            pause = min(2 * pause, _LOOK_EVERY)
        try:
            yield
        finally:
            self._let_go()

    @contextlib.contextmanager
    def tried(self, *, even_unseen: bool = False) -> Iterator[bool]:
        """Hold the lock, or give False if another process holds it."""
        if not self._take(even_unseen=even_unseen):
            yield False
            return
        try:
            yield True
        finally:
            self._let_go()

    def _take(self, *, even_unseen: bool) -> bool:
        """Make the file, in place of one whose owner is gone if need be."""
        if self._make():
            return True
        content = self._content()
        if content is None or (self._is_abandoned(content, even_unseen) and self._break(content)):
            return self._make()
        return False

    def _let_go(self) -> None:
        if self.owner == Place.of(os.getpid()):  # else somebody lost patience with us
            with contextlib.suppress(OSError):  # what was done under it is done
                self._file.unlink(missing_ok=True)

    def _make(self) -> bool:
        try:
            with self._file.open("xb") as file:
                file.write(json.dumps(to_builtins(Place.of(os.getpid()))).encode())
        except FileExistsError:
            return False
        return True

    def _content(self) -> bytes | None:
        try:
            return self._file.read_bytes()
        except OSError:  # let go of meanwhile
            return None

    def _is_abandoned(self, content: bytes, even_unseen: bool) -> bool:
        owner = _owner(content)
        if owner is None:
            with contextlib.suppress(OSError):
                return time.time() - self._file.stat().st_mtime > _UNREADABLE_FOR
            return False
        return owner.is_gone or (even_unseen and not owner.is_seen)

    def _break(self, content: bytes) -> bool:
        """Remove the file of an owner that is gone, unless that has been done already.

        Two that find it must not both remove it: the second would take away the file that
        the first has made in its place. So the right to remove what has this content is a
        lock itself, and the content is looked at again under it.
        """
        digest = lean_digest("sha256", content).hexdigest()[:12]
        heir = OwnerFile(self._file.with_name(f"{self._file.name}.{digest}"))
        with heir.tried() as mine:
            if mine and self._content() == content:
                self._file.unlink(missing_ok=True)
            return mine


def _owner(content: bytes | None) -> Place | None:
    with contextlib.suppress(ValueError, TypeError):
        return Place(**json.loads(content or b""))
    return None
