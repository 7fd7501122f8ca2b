"""Data on its way from DVC's cache, or from its remote, to where somebody wants it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any

from gitexp.data.dvc_project import DvcProject, open_project
from gitexp.data.known_hashes import KnownHashes
from gitexp.data.listing import ignore_filter
from gitexp.data.manifests import folder_members
from gitexp.data.pointers import LEGACY_HASH, Pointer, SafePlace
from gitexp.data.remote import DataRemote
from gitexp.data.soundness import Soundness
from gitexp.data.versions import Versions
from gitexp.errors import GitexpError

DAMAGED = "damaged"
"""The folder beside the objects for those that are not what their names say."""


class DataMissing(GitexpError):
    """Data that is not in the cache was asked for."""


class DataSource:
    """The cache and the remote of the DVC project at `root`.

    Pointers may be named from anywhere: only their hashes count here.
    """

    def __init__(self, root: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.project: DvcProject = open_project(root, fetches=True)
        self._known = KnownHashes(self.project)
        self._soundness = Soundness(self._known)
        self._warn = warn
        """Takes what is to be said of damaged objects."""

    def __enter__(self) -> DataSource:
        return self

    def __exit__(self, *error: object) -> None:
        self._known.release()

    def holds(self, pointer: Pointer) -> bool:
        """Return whether the cache has the data whole."""
        if not pointer.is_folder:
            return self._has(pointer, pointer.md5, pointer.size)
        try:
            members = self.members(pointer)
        except GitexpError:
            return False
        return all(self._has(pointer, md5) for md5 in members.values())

    def is_sound(self, pointer: Pointer, *, only_look: bool = False) -> bool:
        """Return whether the cache has the data whole, and each object is what its name says.

        One that is not is set aside, so that DVC fetches it again, unless we `only_look`.
        """
        if not self.is_sound_list(pointer, only_look=only_look) or not self.holds(pointer):
            return False
        members = self.members(pointer).values() if pointer.is_folder else ()
        bad = self._damaged(pointer, dict.fromkeys(members))
        for md5 in () if only_look else bad:
            self._set_aside(pointer, md5)
        return not bad

    def is_sound_list(self, pointer: Pointer, *, only_look: bool = False) -> bool:
        """Return whether the cache has a file, or the list of a folder's files, undamaged."""
        if not self.object(pointer, pointer.md5).exists():
            return False
        bad = self._damaged(pointer, [pointer.md5])
        if bad and not only_look:
            self._set_aside(pointer, pointer.md5)
        return not bad

    def _damaged(self, pointer: Pointer, md5s: Iterable[str]) -> list[str]:
        objects = {md5: str(self.object(pointer, md5)) for md5 in md5s}
        name = pointer.hash_name
        self._soundness.look(((path, md5) for md5, path in objects.items()), name)
        return [
            md5 for md5, path in objects.items() if not self._soundness.is_sound(path, md5, name)
        ]

    def _set_aside(self, pointer: Pointer, md5: str) -> None:
        """Move a damaged object out of DVC's sight; nothing is deleted that may still be of use."""
        path = self.object(pointer, md5)
        aside = self._folder(pointer) / DAMAGED / f"{md5}-{token_hex(4)}"
        try:
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)
            then = f"it is now '{aside}'"
        except OSError as error:
            then = f"it could not be moved away: {error.strerror or error}"
        self._warn(f"the data of '{pointer.path}' in the DVC cache was damaged (md5 {md5}): {then}")

    def members(self, pointer: Pointer) -> Mapping[str, str]:
        """Return the hashes of the files in a folder by their path in it.

        Raises DataMissing if the cache does not have the list.
        """
        path = self.object(pointer, pointer.md5)
        try:
            return folder_members(path.read_bytes())
        except FileNotFoundError as error:
            raise DataMissing(f"the data of '{pointer.path}' is not in the DVC cache") from error
        except ValueError as error:
            raise GitexpError(
                f"'{path}' in the DVC cache is damaged",
                hint="Remove it and run `dvc fetch` to get it from the remote.",
            ) from error

    def object(self, pointer: Pointer, md5: str) -> Path:
        """Return where the cache keeps a file of that hash, or would keep it."""
        return self._folder(pointer) / md5[:2] / md5[2:]

    def fetch(
        self, pointers: Iterable[Pointer], versions: Versions | None = None, *, whole: bool = True
    ) -> str | None:
        """Bring data from the DVC remote into the cache; return why that failed, if it did.

        What the remote does not have is not a failure: `holds` says so. Of a folder that is not
        wanted `whole`, only the list of its files comes.
        """
        try:
            with DataRemote(self.project.root, versions=versions) as remote:
                remote.fetch((one.md5 for one in pointers), whole=whole)
        except GitexpError as error:
            return str(error).splitlines()[0]
        return None

    def place(self, pointer: Pointer, path: SafePlace) -> None:
        """Put data from the cache into the work tree exactly as `dvc checkout` would.

        What is at the path is replaced; make sure that it is kept. Raises DataMissing if the
        cache does not have all of it.
        """
        from dvc_data.hashfile import load  # noqa: PLC0415 - 100 ms with the three below, where data is brought
        from dvc_data.hashfile.checkout import CheckoutError, LinkError, checkout  # noqa: PLC0415
        from dvc_data.hashfile.hash_info import HashInfo  # noqa: PLC0415
        from dvc_objects.fs import localfs  # noqa: PLC0415

        if pointer.is_folder:
            _check_inside(pointer, path, self.members(pointer))  # DVC writes where the list says
        database, absolute = self._database(pointer), os.path.normpath(path)
        ignore = ignore_filter(self.project.root, absolute, is_folder=pointer.is_folder)
        try:
            wanted = load(database, HashInfo(pointer.hash_name, pointer.md5))
            state = self._known.state
            checkout(absolute, localfs, wanted, database, force=True, ignore=ignore, state=state)
        except (CheckoutError, FileNotFoundError) as error:
            raise DataMissing(f"the data of '{pointer.path}' is not in the DVC cache") from error
        except (LinkError, OSError) as error:
            raise GitexpError(f"cannot write '{pointer.path}': {error}") from error
        if pointer.executable:
            database.set_exec(absolute)

    def copy(self, pointer: Pointer, md5: str, target: Path) -> None:
        """Copy one file of the cache to a new path, writable, without bytes if it can."""
        from dvc_objects.fs.system import reflink  # noqa: PLC0415 - 65 ms, as above

        source = self.object(pointer, md5)
        try:
            try:
                reflink(source, target)
            except OSError:
                shutil.copyfile(source, target)
        except FileNotFoundError as error:
            raise DataMissing(f"the data of '{pointer.path}' is not in the DVC cache") from error
        target.chmod(0o666 & ~_umask() | (0o111 & ~_umask() if pointer.executable else 0))

    def _has(self, pointer: Pointer, md5: str, size: int | None = None) -> bool:
        try:
            found = self.object(pointer, md5).stat()
        except OSError:
            return False
        return size is None or pointer.hash_name == LEGACY_HASH or found.st_size == size

    def _folder(self, pointer: Pointer) -> Path:
        legacy = pointer.hash_name == LEGACY_HASH
        return self.project.legacy_cache if legacy else self.project.cache

    def _database(self, pointer: Pointer) -> Any:
        return self._legacy if pointer.hash_name == LEGACY_HASH else self._present

    @cached_property
    def _present(self) -> Any:
        return self._open(self.project.cache, "md5")

    @cached_property
    def _legacy(self) -> Any:
        return self._open(self.project.legacy_cache, LEGACY_HASH)

    def _open(self, folder: Path, hash_name: str) -> Any:
        from dvc_data.hashfile.db.local import LocalHashFileDB  # noqa: PLC0415 - 90 ms with the one below, as above
        from dvc_objects.fs import localfs  # noqa: PLC0415

        settings = {"type": list(self.project.link_types), "hash_name": hash_name}
        state = self._known.state
        if state is not None:
            settings["state"] = state
        if self.project.shared:
            settings["shared"] = "group"
        return LocalHashFileDB(localfs, os.fspath(folder), **settings)


def _check_inside(pointer: Pointer, place: Path, members: Iterable[str]) -> None:
    """Raise GitexpError if the way to a member leads through a link, and so perhaps out."""
    folders = map(PurePosixPath, {name.rpartition("/")[0] for name in members})
    inner = {str(one) for folder in folders for one in (folder, *folder.parents)}
    link = next((one for one in sorted(inner - {"."}) if (place / one).is_symlink()), None)
    if link is not None:
        raise GitexpError(f"cannot write '{pointer.path}': '{link}' in it is a link")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return stat.S_IMODE(mask)
