"""The DVC cache of a project, asked with paths from the top of the repository."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.cache import DataCache
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer
from gitexp.pointers.ground import Ground
from gitexp.project import Project


class DataDoor:
    """The DVC cache of a project, asked with paths from the top of the repository.

    Each path is asked for first whether data may lie there; raises Forbidden where not.
    """

    def __init__(self, project: Project) -> None:
        top = project.repository.top
        self.root = find_root(project.root, top) or project.root
        self._prefix = self.root.relative_to(top).as_posix()
        self._cache = DataCache(self.root)
        self.ground = Ground(project, ["" if self._prefix == "." else self._prefix])

    def hash(self, path: str, hash_name: str = "md5") -> Pointer:
        """Return the pointer of a path without storing it."""
        self.ground.check(path)
        return self._back(self._cache.hash(self._inner(path), hash_name))

    def store(self, path: str) -> Pointer:
        """Put a path into the cache; raises CacheWriteFailed with its pointer."""
        self.ground.check(path)
        return self._back(self._cache.store(self._inner(path)))

    def place(self, pointer: Pointer) -> None:
        """Put what a pointer stands for where it says, from the cache."""
        self.ground.check(pointer.path)
        self._cache.place(replace(pointer, path=self._inner(pointer.path)))

    def unprotect(self, path: str, md5s: Collection[str] = ()) -> bool:
        """Put a writable copy where a file is a link into the cache; return whether it was one."""
        self.ground.check(path)
        return self._cache.unprotect(self._inner(path), md5s)

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """Return the hashes of a pointer's files by their paths, as far as the cache knows them."""
        return self._cache.members(pointer)

    def _inner(self, path: str) -> str:
        return path if self._prefix == "." else path.removeprefix(f"{self._prefix}/")

    def _back(self, pointer: Pointer) -> Pointer:
        inner = Path(self._prefix, pointer.path).as_posix()
        return replace(pointer, path=inner)

    def __enter__(self) -> DataDoor:
        """Open the database of known hashes."""
        self._cache.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._cache.__exit__(None, None, None)
