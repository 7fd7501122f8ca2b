"""Files hashed, and what their hashes make of a path: a pointer, and what DVC keeps of a folder."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gitexp.data.chunks import CHUNK
from gitexp.data.known_hashes import Digests
from gitexp.data.listing import File
from gitexp.data.manifests import folder_manifest
from gitexp.data.pointers import LEGACY_HASH, Pointer
from gitexp.data.signatures import CLOCK_TICK

THREADS = min(8, os.cpu_count() or 1)


def pointer_of(path: str, files: Sequence[File], found: Digests, hash_name: str = "md5") -> Pointer:
    if len(files) == 1 and not files[0].name:
        file = files[0]
        executable = bool(file.found.st_mode & 0o111)
        size = file.found.st_size
        return Pointer(path, found[file.path], size, None, hash_name, executable)
    md5 = hashlib.md5(manifest(files, found), usedforsecurity=False).hexdigest()
    size = sum(file.found.st_size for file in files)
    return Pointer(path, f"{md5}.dir", size, len(files), hash_name)


def manifest(files: Sequence[File], found: Digests) -> bytes:
    return folder_manifest({file.name: found[file.path] for file in files})


def hash_each(hash_one: Callable[[Path], str], files: Sequence[File]) -> Digests:
    """Hash each file, large ones in threads; with small ones threads only get in their own way."""
    large = [file.path for file in files if file.found.st_size > CHUNK]
    found = {file.path: hash_one(Path(file.path)) for file in files if file.found.st_size <= CHUNK}
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            return found | dict(zip(large, pool.map(hash_one, map(Path, large)), strict=True))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def legacy_hash(path: Path) -> str:
    from dvc_data.hashfile.hash import file_md5  # noqa: PLC0415 - 85 ms, for data of DVC 2

    return str(file_md5(os.fspath(path), name=LEGACY_HASH))


def let_the_clock_tick(files: Sequence[File]) -> None:
    """Wait until a later write must leave a later time, else it would never be noticed."""
    now = time.time()
    times = (one for file in files for one in (file.found.st_mtime, file.found.st_ctime))
    age = now - max((one for one in times if one <= now), default=0.0)
    if age < CLOCK_TICK:
        time.sleep(CLOCK_TICK - age)
