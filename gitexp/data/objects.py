"""Objects in a DVC cache: each whole and true to its name at any moment, power cuts included."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from gitexp.data.chunks import CHUNK, chunks_of, hash_chunks, opened

FLUSH_EVERY = 32 * CHUNK
QUEUE = 16
"""How many chunks writing may be ahead of hashing."""

FEW = 64
"""Up to how many files are flushed to the disk one by one."""

WORKSHOP = ".gitexp-"
ABANDONED_AFTER = 86_400
"""Seconds after which a workshop that nobody works in was left by a crash."""

_flush = getattr(os, "fdatasync", os.fsync)


class Objects:
    """The folder of a cache in which objects lie, named by their hash."""

    def __init__(
        self, folder: Path, *, shared: bool, is_sound: Callable[[str, str], bool] | None = None
    ) -> None:
        from dvc_data.hashfile.db.local import LocalHashFileDB  # noqa: PLC0415 - 90 ms with the one below, `preload` does it while a command runs
        from dvc_objects.fs import localfs  # noqa: PLC0415

        self._database: Any = LocalHashFileDB(
            localfs, os.fspath(folder), shared="group" if shared else None
        )
        self._folder = folder
        self._used: set[Path] = set()
        self._is_sound = is_sound
        """Whether the content of the object at a path is what its name says."""
        self.clones = True
        """Whether the file system clones files; found out with the first large one."""

    def path(self, md5: str) -> Path:
        """Return where the object of that name lies, or would lie."""
        return Path(self.located(md5))

    def located(self, md5: str) -> str:
        """Return the same as text, for many."""
        return str(self._database.oid_to_path(md5))

    def holds(self, md5: str, size: int) -> bool:
        """Whether the object is there, true to its name, and protected as DVC trusts it."""
        path = self._database.oid_to_path(md5)
        try:
            found = os.stat(path)  # noqa: PTH116 - of many thousands
        except OSError:
            return False
        if found.st_size != size or stat.S_IMODE(found.st_mode) != self._database.CACHE_MODE:
            return False
        return self._is_sound is None or self._is_sound(path, md5)

    @contextlib.contextmanager
    def batch(self, count: int) -> Iterator[Batch]:
        """Take in about `count` files: copied one by one, named all together at the end.

        Raises Unreadable for a file, and OSError for the cache.
        """
        together = count > FEW and sys.platform == "linux"
        with self._workshop() as folder:
            batch = Batch(self, folder, flush_each=not together)
            yield batch
            if together:
                _sync_file_system(folder)
            for copy, md5 in batch.copies:
                self.place(copy, md5)

    def put_bytes(self, content: bytes, name: str) -> None:
        """Store `content` under `name`, which is its hash with a suffix."""
        if not self.holds(name, len(content)):
            with self._workshop() as folder:
                copy = folder / name
                with copy.open("wb") as target:
                    target.write(content)
                    _sync(target)
                self.place(copy, name)

    def place(self, copy: Path, md5: str) -> None:
        """Give an object its name; a whole one there stays, for files may be linked to it."""
        if not self.holds(md5, copy.stat().st_size):
            final = self.path(md5)
            self._make_folder(final.parent)
            self._database.protect(copy)
            copy.replace(final)

    def sync_folders(self) -> None:
        """Make the names of new objects as lasting as their content."""
        for folder in self._used:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def remove_abandoned(self) -> None:
        """Remove what a crash during a copy left behind."""
        for folder in self._folder.glob(f"{WORKSHOP}*"):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > ABANDONED_AFTER:
                    shutil.rmtree(folder)

    @contextlib.contextmanager
    def _workshop(self) -> Iterator[Path]:
        """Make a folder for objects without a name yet, on the file system of the others."""
        self._make_folder(self._folder)
        folder = Path(tempfile.mkdtemp(prefix=WORKSHOP, dir=self._folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._database.makedirs(os.fspath(folder))
        self._used.add(folder)


class Batch:
    """Copies of files on their way into the cache; any thread may add to them."""

    def __init__(self, objects: Objects, folder: Path, *, flush_each: bool) -> None:
        self.copies: list[tuple[Path, str]] = []
        self._objects = objects
        self._folder = folder
        self._flush_each = flush_each

    def add(self, path: Path) -> str:
        """Copy a file and return its hash: that of the copy, whatever is written meanwhile."""
        copy = self._folder / token_hex(8)
        with opened(path) as source:
            if os.fstat(source.fileno()).st_size <= CHUNK:
                return self._add_small(source, path, copy)
            md5 = self._clone(path, copy) or _copy_large(source, path, copy)
        self.copies.append((copy, md5))
        return md5

    def _add_small(self, source: BinaryIO, path: Path, copy: Path) -> str:
        content = b"".join(chunks_of(source, path))
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if not self._objects.holds(md5, len(content)):
            with copy.open("xb") as target:
                target.write(content)
                if self._flush_each:
                    _sync(target)
            self.copies.append((copy, md5))
        return md5

    def _clone(self, path: Path, copy: Path) -> str | None:
        """Clone a file if the file system can, and return the hash of the clone."""
        from dvc_objects.fs.system import reflink  # noqa: PLC0415 - 70 ms, as above

        if not self._objects.clones:
            return None
        try:
            reflink(path, copy)
        except OSError:
            self._objects.clones = False
            return None
        with copy.open("rb", buffering=0) as clone:
            md5 = hash_chunks(chunks_of(clone, copy))
            _flush(clone.fileno())
        return md5


def _copy_large(source: BinaryIO, path: Path, copy: Path) -> str:
    """Copy in one reading, with hashing and the disk each in a thread of their own."""
    digest = hashlib.md5(usedforsecurity=False)
    hashing: deque[Future[None]] = deque()
    threads = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    with threads[0] as hasher, threads[1] as flusher, copy.open("xb") as target:
        flushing = flusher.submit(_flush, target.fileno())
        since_flush = 0
        for chunk in chunks_of(source, path):
            hashing.append(hasher.submit(digest.update, chunk))
            if len(hashing) > QUEUE:
                hashing.popleft().result()
            target.write(chunk)
            since_flush += len(chunk)
            if since_flush >= FLUSH_EVERY and flushing.done():
                flushing.result()  # an error of the disk is raised only once
                flushing = flusher.submit(_flush, target.fileno())
                since_flush = 0
        flushing.result()
        _sync(target)
    return digest.hexdigest()


def _sync_file_system(folder: Path) -> None:
    """Wait until the disk has all that was written, which for many files is faster than each."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def _sync(target: BinaryIO) -> None:
    target.flush()
    _flush(target.fileno())
