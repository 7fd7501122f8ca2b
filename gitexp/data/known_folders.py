"""Folders that are known as a whole: from the signature alone, without asking for each file.

The signature of a folder changes whenever a file of it is written. So a folder that has the one
it had when it was hashed is what it was; and if the objects of the cache have theirs, too, there
is nothing to put there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.data.known_hashes import KnownHashes
from gitexp.data.listing import File, ignore_filter
from gitexp.data.pointers import Pointer
from gitexp.data.signatures import folder_signature, signature, stat_signature

_OBJECTS = "objects"
_SEEN = " seen"
"""Noted where DVC was told of the folder."""
_FEW = 100
"""Below so many files it is not worth while."""


class KnownFolders:
    """What was noted of folders below a root; paths are POSIX and relative to it."""

    def __init__(self, root: Path, known: KnownHashes) -> None:
        self._root, self._known = root, known

    def pointer(self, path: str, signed: str, hash_name: str) -> Pointer | None:
        """Return the pointer of a folder that had this signature when it was hashed."""
        noted = self._known.table.folder(self._absolute(path), hash_name)
        if noted is None or noted[0] != signed or self._has_patterns(path):
            return None
        return _read(path, noted[1], hash_name)

    def last(self, path: str, *, is_seen: bool) -> Pointer | None:
        """Return the same for the signature that the folder has now, if its objects were noted.

        If DVC sees the pointer, it must have been told of the folder.
        """
        absolute = self._absolute(path)
        noted = self._known.table.folder(absolute, _OBJECTS)
        if noted is None or (is_seen and not noted[1].endswith(_SEEN)):
            return None
        signed = signature(absolute)
        return self.pointer(path, signed, "md5") if signed is not None else None

    def remember(self, pointer: Pointer, files: Sequence[File]) -> None:
        """Note the pointer of a folder, with its files as they were when they were listed.

        If DVC leaves anything out of it, its files alone do not give the signature that it has,
        and the note is never used.
        """
        if pointer.is_folder and len(files) >= _FEW:
            signed = folder_signature((file.name, file.signature) for file in files)
            text = f"{pointer.md5} {pointer.size} {pointer.nfiles}"
            absolute = self._absolute(pointer.path)
            if self._known.table.folder(absolute, pointer.hash_name) != (signed, text):
                self._known.table.remember_folder(absolute, pointer.hash_name, signed, text)

    def remember_objects(
        self, pointer: Pointer, objects: Mapping[str, str], listed: Sequence[File], *, is_seen: bool
    ) -> None:
        """Note the objects of a folder in the cache, which are known to be sound."""
        if pointer.is_folder and len(listed) == len(objects) > _FEW:
            signed = folder_signature((objects[file.path], file.signature) for file in listed)
            absolute = self._absolute(pointer.path)
            text = f"{pointer.md5}{_SEEN}" if is_seen else pointer.md5
            self._known.table.remember_folder(absolute, _OBJECTS, signed, text)

    def are_untouched(self, pointer: Pointer, objects: Mapping[str, str]) -> bool:
        """Return whether all objects of a folder are as they were when they were noted."""
        try:
            found = [(name, stat_signature(os.stat(path))) for path, name in objects.items()]  # noqa: PTH116 - of many thousands
        except OSError:
            return False
        noted = self._known.table.folder(self._absolute(pointer.path), _OBJECTS)
        if noted is None or noted[1].removesuffix(_SEEN) != pointer.md5:
            return False
        return noted[0] == folder_signature(found)

    def _has_patterns(self, path: str) -> bool:
        return ignore_filter(self._root, self._absolute(path), is_folder=True) is not None

    def _absolute(self, path: str) -> str:
        return os.path.normpath(f"{self._root}/{path}")


def _read(path: str, text: str, hash_name: str) -> Pointer | None:
    md5, *counts = text.split(" ")
    if len(counts) != 2 or not all(one.isdecimal() for one in counts):  # noqa: PLR2004 - size and files
        return None
    size, nfiles = map(int, counts)
    return Pointer(path, md5, size, nfiles, hash_name)
