"""The DVC caches of a project, asked with paths from the top of the repository."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.cache import DataCache
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer, SafePlace
from gitexp.pointers.ground import Ground
from gitexp.pointers.roots import new_root_of
from gitexp.project import Project
from gitexp.store.own_links import check_dvc_folder


class DataDoor:
    """The DVC caches of a project, asked with paths from the top of the repository.

    Each path is asked for first whether data may lie there; raises Forbidden where not. The cache
    is that of the DVC project around the path.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parts: dict[Path, _Part] = {}
        self._known: dict[Path, _Part] = {}
        self._open = ExitStack()
        root = find_root(project.root, project.repository.top)
        if root is not None:
            self._part(root)  # settings that DVC cannot read are reported at once

    def open_for(self, paths: Iterable[str]) -> None:
        """Open what paths need; raises GitexpError for settings that DVC cannot read."""
        for path in paths:
            self._around(path)

    def problem(self, path: str) -> str | None:
        """Return why no data may lie at a path, or None."""
        return self._around(path).ground.problem(path)

    def safe(self, path: str) -> SafePlace:
        """Return where data lies; raises Forbidden."""
        return self._around(path).ground.place(path)

    def hash(self, path: str, hash_name: str = "md5") -> Pointer:
        """Return the pointer of a path without storing it."""
        part = self._checked(path)
        return part.back(part.cache.hash(part.inner(path), hash_name))

    def known(self, path: str, signature: str, hash_name: str = "md5") -> Pointer | None:
        """Return the pointer of a folder if its signature alone says what it is."""
        part = self._checked(path)
        found = part.cache.known(part.inner(path), signature, hash_name)
        return part.back(found) if found is not None else None

    def store(self, path: str, *, is_seen: bool = True) -> Pointer:
        """Put a path into the cache; raises CacheWriteFailed with its pointer.

        `is_seen` says whether DVC will see that pointer.
        """
        part = self._checked(path)
        return part.back(part.cache.store(part.inner(path), is_seen=is_seen))

    def put(self, path: str, content: bytes) -> Pointer:
        """Put a content into the cache as if it lay at a path, and return its pointer."""
        part = self._checked(path)
        return part.back(part.cache.put_content(part.inner(path), content))

    def place(self, pointer: Pointer) -> None:
        """Put what a pointer stands for where it says, from the cache."""
        part = self._checked(pointer.path)
        part.cache.place(replace(pointer, path=part.inner(pointer.path)))

    def unprotect(self, path: str, md5s: Collection[str] = ()) -> bool:
        """Put a writable copy where a file is a link into the cache; return whether it was one."""
        part = self._checked(path)
        return part.cache.unprotect(part.inner(path), md5s)

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """Return the hashes of a pointer's files by their paths, as far as the cache knows them."""
        return self._around(pointer.path).cache.members(pointer)

    def _checked(self, path: str) -> _Part:
        part = self._around(path)
        part.ground.check(path)
        return part

    def _around(self, path: str) -> _Part:
        folder = (self._project.repository.top / path).parent
        if folder not in self._known:
            self._known[folder] = self._part(new_root_of(self._project, path))
        return self._known[folder]

    def _part(self, root: Path) -> _Part:
        if root not in self._parts:
            check_dvc_folder(self._project.repository, self._project.config.branch, root)
            part = _Part(self._project, root)
            self._open.enter_context(part.cache)
            self._parts[root] = part
        return self._parts[root]

    def __enter__(self) -> DataDoor:
        """Return the door itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the databases of known hashes."""
        self._open.close()


class _Part:
    """The cache of one DVC project."""

    def __init__(self, project: Project, root: Path) -> None:
        self._prefix = root.relative_to(project.repository.top).as_posix()
        self.cache = DataCache(root)
        self.ground = Ground(project, ["" if self._prefix == "." else self._prefix])

    def inner(self, path: str) -> str:
        return path if self._prefix == "." else path.removeprefix(f"{self._prefix}/")

    def back(self, pointer: Pointer) -> Pointer:
        inner = Path(self._prefix, pointer.path).as_posix()
        return replace(pointer, path=inner)
