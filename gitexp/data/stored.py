"""What a DVC cache holds, object by object, and deleting from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from gitexp.data.dvc_project import DvcProject

_HASH = re.compile(r"[0-9a-f]{32}(?:\.dir)?")


class StoredObjects:
    """The objects of a project's cache by their hash; a folder's ends in `.dir`."""

    def __init__(self, project: DvcProject) -> None:
        self._folder = project.cache
        self._root = project.root

    @property
    def is_outside(self) -> bool:
        """Whether the cache is outside the project, where others may use it, too."""
        return not self._folder.resolve().is_relative_to(self._root.resolve())

    @property
    def place(self) -> Path:
        """The folder of the cache."""
        return self._folder

    def size(self, md5: str) -> int | None:
        """Return how many bytes an object takes; None if it is not there.

        What is not a hash does not name an object, but may name a file elsewhere: run records
        and manifests can come from anybody.
        """
        if not _HASH.fullmatch(md5):
            return None
        try:
            return self._path(md5).stat().st_size
        except OSError:
            return None

    def members(self, md5: str) -> frozenset[str] | None:
        """Return the hashes of a folder's files; None if its manifest cannot be read here."""
        try:
            listed = json.loads(self._path(md5).read_bytes())
            return frozenset(entry["md5"] for entry in listed)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def delete(self, hashes: Iterable[str]) -> int:
        """Delete objects and return how many bytes that freed."""
        freed = 0
        for md5 in hashes:
            size = self.size(md5)
            if size is not None:
                self._path(md5).unlink(missing_ok=True)
                freed += size
        return freed

    def _path(self, md5: str) -> Path:
        return self._folder / md5[:2] / md5[2:]
