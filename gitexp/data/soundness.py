"""Whether objects of a cache are what their names say: nothing else is handed over."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gitexp.data.chunks import hash_file
from gitexp.data.known_hashes import KnownHashes
from gitexp.data.listing import list_file
from gitexp.data.pointers import LEGACY_HASH
from gitexp.errors import GitexpError


def hash_object(path: str, hash_name: str = "md5") -> str:
    """Read an object and return its hash, as its name should say it."""
    if hash_name != LEGACY_HASH or path.endswith(".dir"):
        return hash_file(Path(path))
    from dvc_data.hashfile.hash import file_md5  # noqa: PLC0415 - 85 ms, for data of DVC 2

    return str(file_md5(path, name=hash_name))


class Soundness:
    """What is known of objects: one that has not changed since it was hashed is not read again."""

    def __init__(self, known: KnownHashes) -> None:
        self._known = known
        self._sound: set[tuple[str, str]] = set()
        """Path and signature."""

    def look(self, objects: Iterable[tuple[str, str]], hash_name: str = "md5") -> None:
        """Find out about many at once, by path and hash, as far as it is known already."""
        names = dict(objects)
        files = [list_file(path) for path in names if os.path.exists(path)]  # noqa: PTH110 - of many thousands
        found = self._known.of(files, hash_name)
        self._sound.update(
            (file.path, file.signature)
            for file in files
            if _is_same(found.get(file.path, ""), names[file.path])
        )

    def is_sound(self, path: str, md5: str, hash_name: str = "md5") -> bool:
        """Return whether an object is what its name says."""
        try:
            file = list_file(path)
            if (path, file.signature) in self._sound:
                return True
            digest = self._known.of([file], hash_name).get(path)
            if digest is None:
                digest = hash_object(path, hash_name)
                self._known.remember([file], {path: digest}, hash_name)
        except GitexpError:  # cannot be read
            return False
        if not _is_same(digest, md5):
            return False
        self._sound.add((path, file.signature))
        return True


def _is_same(digest: str, name: str) -> bool:
    return digest.removesuffix(".dir") == name.removesuffix(".dir")
