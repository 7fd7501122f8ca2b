"""DVC's database of the hashes it knows, so that neither hashes what the other has hashed."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitexp.data.dvc_project import DvcProject, state_folder
from gitexp.data.listing import File

Digests = dict[str, str]
"""Hashes by absolute path."""


class KnownHashes:
    """The state database of a DVC project; if it cannot be used, nothing is known.

    Any thread may ask; each has a connection of its own, which it closes with `release`.
    """

    def __init__(self, project: DvcProject) -> None:
        self._project = project
        self._broken = False
        self._state: Any = None
        self._opening = threading.Lock()

    @property
    def state(self) -> Any:
        """DVC's own object for the database, for parts of DVC that ask for it; None without one."""
        self._ask(lambda _: None)  # opens it, which takes 20 to 100 ms
        return None if self._broken else self._state

    def of(self, files: Sequence[File], hash_name: str = "md5") -> Digests:
        """Return the hashes of those files that are as they were when they were hashed."""
        return self._ask(_known, files, hash_name) or {}

    def remember(
        self, files: Sequence[File], digests: Mapping[str, str], hash_name: str = "md5"
    ) -> None:
        """Keep the hashes of files, as they were when they were listed."""
        self._ask(_save, [(file.path, digests[file.path], file.info) for file in files], hash_name)

    def remember_objects(self, paths: Mapping[str, str]) -> None:
        """Keep the hashes of objects in the cache, by their paths."""
        self._ask(_save, [(path, md5, None) for path, md5 in paths.items()], "md5")

    def remember_link(self, path: str) -> None:
        """Let `dvc checkout` remove the path if no pointer names it, as long as it is so."""
        self._ask(_save_link, path)

    def release(self) -> None:
        """Close this thread's connection; the next question opens it again."""
        if self._state is not None:
            self._state.close()

    def _ask(self, question: Any, *args: Any) -> Any:
        """Ask the database; what goes wrong with it costs time, never a result."""
        from dvc_data.hashfile.cache import DiskError, Timeout  # noqa: PLC0415 - 100 ms, where data is behind pointers

        try:
            with self._opening:
                if self._state is None and not self._broken:
                    self._state = _open(self._project)
            return None if self._broken else question(self._state, *args)
        except (sqlite3.Error, OSError, UnicodeError, Timeout, DiskError):
            self._broken = True
            return None


def _open(project: DvcProject) -> Any:
    from dvc_data.hashfile.state import State  # noqa: PLC0415 - 100 ms, as above

    folder = state_folder(project)
    if folder is None:
        raise OSError(errno.ENOENT, "no place for a database")
    return State(str(project.root), os.fspath(folder))


def _known(state: Any, files: Sequence[File], hash_name: str) -> Digests:
    infos = {file.path: file.info for file in files}
    return {
        path: hash_info.value
        for path, _, hash_info in state.get_many(list(infos), _local_files(), infos)
        if hash_info is not None and hash_info.name == hash_name
    }


def _save(state: Any, items: Iterable[tuple[str, str, dict[str, Any] | None]], name: str) -> None:
    from dvc_data.hashfile.hash_info import HashInfo  # noqa: PLC0415 - 100 ms, as above

    state.save_many(
        [(path, HashInfo(name, md5), info) for path, md5, info in items], _local_files()
    )


def _save_link(state: Any, path: str) -> None:
    state.save_link(path, _local_files())


def _local_files() -> Any:
    from dvc_objects.fs import localfs  # noqa: PLC0415 - 65 ms, as above

    return localfs
