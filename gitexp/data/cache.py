"""Hashing data and putting it into DVC's cache, so that DVC finds it as if it had done it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from gitexp.data.chunks import hash_file
from gitexp.data.dvc_project import dvc_version, open_project
from gitexp.data.hashing import hash_each, legacy_hash, let_the_clock_tick, manifest, pointer_of
from gitexp.data.known_folders import KnownFolders
from gitexp.data.known_hashes import Digests, KnownHashes
from gitexp.data.links import place_object, replace_by_link, wanted_links
from gitexp.data.listing import File, list_file, list_files
from gitexp.data.manifests import folder_members
from gitexp.data.objects import Objects
from gitexp.data.pointers import LEGACY_HASH, Pointer
from gitexp.data.soundness import Soundness
from gitexp.data.unprotecting import link_into, unprotect
from gitexp.errors import GitexpError

ATTEMPTS = 3
"""How often a path is hashed that is being written meanwhile."""


class ChangedWhileRead(GitexpError):
    """A path was written again and again while it was being hashed."""


class CacheWriteFailed(GitexpError):
    """The data could be hashed, but not put into the cache: a full disk, a read-only folder."""

    def __init__(self, message: str, pointer: Pointer) -> None:
        super().__init__(message, f"Make room, then run `dvc commit -f {pointer.path}.dvc`.")
        self.pointer = pointer


_IMPORTING = threading.Lock()


_SLOW = (
    *("dvc_data.hashfile.db.local", "dvc_data.hashfile.state", "dvc_data.hashfile.cache"),
    *("ruamel.yaml", "platformdirs", "getpass", "importlib.metadata"),
)


def preload() -> None:
    """Import what is slow to import; a background thread may do so ahead of time."""
    # Two threads that import parts of one package at once may see only half of it.
    with _IMPORTING, contextlib.suppress(ImportError):  # reported where it is needed
        for name in _SLOW:
            importlib.import_module(name)
        with contextlib.suppress(ValueError, KeyError, OSError):
            dvc_version()


class DataCache:
    """The cache of the DVC project at `root`; paths are POSIX and relative to it.

    Several threads may use one; each of them ends with `release`, except the one that leaves
    it as a context.
    """

    def __init__(self, root: Path) -> None:
        preload()
        self.project = open_project(root)
        self._known = KnownHashes(self.project)
        self._folders = KnownFolders(self.project.root, self._known)
        self._soundness = Soundness(self._known)

    @cached_property
    def _objects(self) -> Objects:
        objects = Objects(
            self.project.cache, shared=self.project.shared, is_sound=self._soundness.is_sound
        )
        objects.remove_abandoned()
        return objects

    def __enter__(self) -> DataCache:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()

    def release(self) -> None:
        """Close what this thread opened; it may go on."""
        self._known.release()

    def hash(self, path: str, hash_name: str = "md5") -> Pointer:
        """Return the pointer of a path, reading only what has not been hashed before."""
        read = legacy_hash if hash_name == LEGACY_HASH else hash_file

        def digests(files: Sequence[File]) -> Digests:
            known = self._known.of(files, hash_name)
            return known | hash_each(read, [file for file in files if file.path not in known])

        files, found = self._steady(path, digests)
        self._known.remember(files, found, hash_name)
        pointer = pointer_of(path, files, found, hash_name)
        self._folders.remember(pointer, files)
        return pointer

    def known(self, path: str, signature: str, hash_name: str = "md5") -> Pointer | None:
        """Return what `hash` does of a folder, if it is known from its signature alone."""
        return self._folders.pointer(path, signature, hash_name)

    def store(self, path: str, *, is_seen: bool = True) -> Pointer:
        """Put a path into the cache and return its pointer, leaving the path as `dvc add` would.

        What DVC has once linked, and sees no pointer of, `dvc checkout` removes: if it does not
        see this one (`is_seen`), it is not told of the path.

        Raises CacheWriteFailed, with the pointer, if only the copy into the cache failed.
        """
        try:
            if (untouched := self._untouched(path, is_seen=is_seen)) is not None:
                return untouched
            files, found = self._steady(path, self._put)
            pointer = pointer_of(path, files, found)
            if pointer.is_folder:
                self._objects.put_bytes(manifest(files, found), pointer.md5)
            files = self._linked(files, found)
        except OSError as exc:
            raise CacheWriteFailed(
                f"cannot write to the DVC cache in '{self.project.cache}': {exc.strerror or exc}",
                self.hash(path),
            ) from exc
        self._known.remember(files, found)
        names = {*found.values(), pointer.md5}
        objects = {self._objects.located(name): name for name in names}
        listed = self._known.remember_objects(objects)
        if not self._kinds:
            self._folders.remember(pointer, files)
            self._folders.remember_objects(pointer, objects, listed, is_seen=is_seen)
        if is_seen:
            self._known.remember_link(self._absolute(path))
        return pointer

    def put(self, name: str, content: bytes) -> None:
        """Put an object into the cache that came from another one; raises ValueError if damaged."""
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if digest != name.removesuffix(".dir"):
            raise ValueError(f"object {name} is damaged")
        self._objects.put_bytes(content, name)

    def put_content(self, path: str, content: bytes) -> Pointer:
        """Put a content into the cache, and return its pointer for a path."""
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._objects.put_bytes(content, md5)
        return Pointer(path, md5, len(content))

    def place(self, pointer: Pointer) -> None:
        """Put what a pointer stands for where it says, from the cache, by the cheapest safe link.

        Raises `Unreadable` if the cache lacks it.
        """
        digests = self._digests(pointer)
        for path, md5 in digests.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            place_object(self._objects.path(md5), Path(path))
        files = list_files(self.project.root, pointer.path)
        self._known.remember(files, digests)

    def unprotect(self, path: str, md5s: Collection[str] = ()) -> bool:
        """Put a writable copy where a file is a link into the cache; return whether it was one.

        `md5s` are hashes that it may have: the names of the objects it may be a link to.
        """
        objects = [self._objects.path(md5) for md5 in md5s]
        absolute = Path(self._absolute(path))
        link = link_into(absolute, self.project.legacy_cache, objects)
        if link is None or not link.is_relative_to(self.project.root):
            return False
        files = [list_file(os.fspath(absolute))] if absolute.exists() else []
        known = self._known.of(files)
        unprotect(link)
        if known:
            self._known.remember([list_file(one.path) for one in files], known)
        return True

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """Return the hashes of a pointer's files by path; of a folder, if its list is here."""
        if not pointer.is_folder:
            return {pointer.path: pointer.md5}
        try:
            members = folder_members(self._objects.path(pointer.md5).read_bytes())
        except (OSError, ValueError):
            return {}
        return {f"{pointer.path}/{name}": md5 for name, md5 in members.items()}

    def _digests(self, pointer: Pointer) -> Digests:
        target = self._absolute(pointer.path)
        if not pointer.is_folder:
            return {target: pointer.md5}
        members = folder_members(self._objects.path(pointer.md5).read_bytes())
        return {f"{target}/{path}": md5 for path, md5 in members.items()}

    def _put(self, files: Sequence[File]) -> Digests:
        """Put into the cache what is not there yet, and return the hashes of all files."""
        known = self._known.of(files)
        self._soundness.look((str(self._objects.path(md5)), md5) for md5 in set(known.values()))
        held = {
            file.path: known[file.path]
            for file in files
            if file.path in known and self._objects.holds(known[file.path], file.found.st_size)
        }
        todo = [file for file in files if file.path not in held]
        if not todo:
            return held
        with self._objects.batch(len(todo)) as batch:
            return held | hash_each(batch.add, todo)

    def _steady(
        self, path: str, digests: Callable[[Sequence[File]], Digests]
    ) -> tuple[Sequence[File], Digests]:
        """Hash the files of a path until none was written meanwhile."""
        for _ in range(ATTEMPTS):
            files = list_files(self.project.root, path)
            let_the_clock_tick(files)
            found = digests(files)
            if list_files(self.project.root, path) == files:
                return files, found
        raise ChangedWhileRead(
            f"'{path}' is still being written", "Try again when whatever writes it has ended."
        )

    def _untouched(self, path: str, *, is_seen: bool) -> Pointer | None:
        """Return the pointer of a folder if neither it nor an object of it was touched since."""
        pointer = self._folders.last(path, is_seen=is_seen)
        if pointer is None or self._kinds:
            return None
        try:
            members = folder_members(self._objects.path(pointer.md5).read_bytes())
        except (OSError, ValueError):
            return None
        names = {*members.values(), pointer.md5}
        objects = {self._objects.located(name): name for name in names}
        return pointer if self._folders.are_untouched(pointer, objects) else None

    @cached_property
    def _kinds(self) -> Sequence[str]:
        return wanted_links(self.project.link_types, clones=self._objects.clones)

    def _linked(self, files: Sequence[File], found: Digests) -> Sequence[File]:
        kinds = self._kinds
        if not kinds:
            return files
        self._objects.sync_folders()  # from here on, the object is the only copy
        return [
            replace_by_link(file, self._objects.path(found[file.path]), kinds) for file in files
        ]

    def _absolute(self, path: str) -> str:
        return os.path.normpath(f"{self.project.root}/{path}")
