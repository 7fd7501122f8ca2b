"""Hashes that are known already: those of DVC's database, so far as change times vouch for them.

DVC takes a file for the one that it has hashed if inode, size and modification time are the same.
A copy with its times has all three. So our own table comes first, which knows change times too,
and DVC is believed only where the modification time was not put back.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gitexp.data.dvc_project import DvcProject, state_folder
from gitexp.data.hash_table import FILE_NAME, HashTable
from gitexp.data.listing import File, list_file
from gitexp.data.signatures import is_time_genuine
from gitexp.errors import GitexpError

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
        self._table: HashTable | None = None
        self._from_table: set[tuple[str, str, str]] = set()
        self._opening = threading.Lock()

    @property
    def state(self) -> Any:
        """DVC's own object for the database, for parts of DVC that ask for it; None without one."""
        self._ask(lambda _: None)  # opens it, which takes 20 to 100 ms
        return None if self._broken else self._state

    def of(self, files: Sequence[File], hash_name: str = "md5") -> Digests:
        """Return the hashes of those files that are as they were when they were hashed."""
        found = self.table.of(files, hash_name)
        self._from_table.update(
            (file.path, file.signature, hash_name) for file in files if file.path in found
        )
        rest = [file for file in files if file.path not in found and is_time_genuine(file.found)]
        if rest:
            found |= self._ask(_known, rest, hash_name) or {}
        return found

    def remember(
        self, files: Sequence[File], digests: Mapping[str, str], hash_name: str = "md5"
    ) -> None:
        """Keep the hashes of files, as they were when they were listed."""
        new = [
            file for file in files if (file.path, file.signature, hash_name) not in self._from_table
        ]
        if new:
            self.table.remember(new, digests, hash_name)
            self._ask(
                _save, [(file.path, digests[file.path], file.info) for file in new], hash_name
            )

    def remember_objects(self, paths: Mapping[str, str]) -> Sequence[File]:
        """Keep the hashes of objects in the cache, by their paths; return those that are there."""
        files = []
        for path in paths:
            with contextlib.suppress(GitexpError):  # removed a moment ago
                files.append(list_file(path))
        self.remember(files, paths)
        return files

    def remember_link(self, path: str) -> None:
        """Let `dvc checkout` remove the path if no pointer names it, as long as it is so."""
        self._ask(_save_link, path)

    def release(self) -> None:
        """Close this thread's connection; the next question opens it again."""
        if self._state is not None:
            self._state.close()
        if self._table is not None:
            self._table.release()

    @property
    def table(self) -> HashTable:
        """Our own table."""
        with self._opening:
            if self._table is None:
                self._table = HashTable(state_folder(self._project))
            return self._table

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


_opened: dict[str, Any] = {}
"""Databases that were opened ahead, by their folders."""


def open_ahead(project: DvcProject) -> None:
    """Open the database of a project that has one, in a thread that has the time (15 ms)."""
    if (project.root / ".dvc" / "tmp").is_dir():  # nobody is to make it for nothing
        folder = state_folder(project)
        if folder is not None and (folder / FILE_NAME).exists():
            state = _made(project, folder)
            state.close()  # the connection of this thread
            _opened[os.fspath(folder)] = state


def _open(project: DvcProject) -> Any:
    folder = state_folder(project)
    if folder is None:
        raise OSError(errno.ENOENT, "no place for a database")
    return _opened.pop(os.fspath(folder), None) or _made(project, folder)


def _made(project: DvcProject, folder: Path) -> Any:
    from dvc_data.hashfile.state import State  # noqa: PLC0415 - 100 ms, as above

    class VouchedState(State):  # type: ignore[misc]
        """DVC's database, which does not know a file whose modification time was put back."""

        def _get(self, path: str, raw: str, info: dict[str, Any]) -> Any:
            found = super()._get(path, raw, info)
            return found if found is not None and _is_time_genuine_at(path) else None

    return VouchedState(str(project.root), os.fspath(folder))


def _is_time_genuine_at(path: str) -> bool:
    try:
        return is_time_genuine(os.stat(path))  # noqa: PTH116 - ten thousand times
    except OSError:
        return False


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
