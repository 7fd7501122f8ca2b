"""The files behind a path, as DVC sees them: links followed to files, `.dvcignore` respected."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitexp.data.chunks import Unreadable
from gitexp.data.dvc_project import import_dvc
from gitexp.data.ignore import IGNORE_FILE
from gitexp.data.signatures import stat_signature
from gitexp.errors import GitexpError

NEVER_DATA = (".git", ".hg", ".dvc")


@dataclass(frozen=True)
class File:
    """A file as it was when it was listed."""

    name: str
    """POSIX, relative to the folder that was listed; empty if it was listed itself."""
    path: str
    found: os.stat_result = field(compare=False, repr=False)
    signature: str

    @property
    def info(self) -> dict[str, Any]:
        """What DVC's state database asks of a file."""
        return {
            "name": self.path,
            "type": "file",
            "size": self.found.st_size,
            "ino": self.found.st_ino,
            "mtime": self.found.st_mtime,
            "mode": self.found.st_mode,
        }


def list_file(path: str, name: str = "") -> File:
    """Return the file at `path`, or that it links to."""
    try:
        found = os.stat(path)  # noqa: PTH116 - ten thousand times, and a Path takes longer
    except OSError as exc:
        raise Unreadable(
            f"cannot read '{path}': {exc.strerror}", "Fix it or remove it, then try again."
        ) from exc
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(
            f"'{path}' is neither a file nor a folder", "DVC cannot hold anything else."
        )
    return File(name, path, found, stat_signature(found))


def list_files(root: Path, path: str) -> tuple[File, ...]:
    """Return the files of the folder at `path`, or the one file there, sorted by name."""
    start = len(_absolute(root, path)) + 1
    files = (list_file(file, file[start:].replace(os.sep, "/")) for file in _places(root, path))
    return tuple(sorted(files, key=lambda file: file.name))


def list_names(root: Path, path: str) -> Iterator[str]:
    """Yield the names of the same, in any order; whether they can be read is not looked at."""
    start = len(_absolute(root, path)) + 1
    return (file[start:].replace(os.sep, "/") for file in _places(root, path))


def _absolute(root: Path, path: str) -> str:
    return os.path.normpath(f"{root}/{path}")  # text, as DVC keys its state by it


def _places(root: Path, path: str) -> Iterator[str]:
    absolute = _absolute(root, path)
    is_folder = Path(absolute).is_dir()
    ignore = ignore_filter(root, absolute, is_folder=is_folder)
    if not is_folder:
        yield absolute
        return
    walk = ignore.walk(_local_files(), absolute) if ignore else _walk(absolute)
    for folder, _, names in walk:
        if IGNORE_FILE in names:
            raise GitexpError(
                f"'{path}' holds a '{IGNORE_FILE}', which DVC does not allow in data",
                f"Move its patterns to '{IGNORE_FILE}' in the folder above.",
            )
        for name in names:
            yield f"{folder}{os.sep}{name}"


def ignore_filter(root: Path, absolute: str, *, is_folder: bool) -> Any:
    """Return DVC's own filter if a `.dvcignore` above the path holds a pattern, else None.

    DVC refuses to work at all in a project with a pointer to a path that it ignores.
    """
    if not any(_has_patterns(folder / IGNORE_FILE) for folder in _folders(root, Path(absolute))):
        return None
    ignore = import_dvc("dvc.ignore").DvcIgnoreFilter(_local_files(), str(root))
    if ignore.is_ignored_dir(absolute) if is_folder else ignore.is_ignored_file(absolute):
        raise GitexpError(
            f"'{os.path.relpath(absolute, root)}' is ignored by '{IGNORE_FILE}'",
            "See `dvc check-ignore --details` for the pattern.",
        )
    return ignore


def _folders(root: Path, path: Path) -> Iterator[Path]:
    for folder in path.parents:
        yield folder
        if folder == root:
            return


def _has_patterns(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.strip() and not line.strip().startswith("#") for line in lines)


def _walk(absolute: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk as DVC's filter does if there are no patterns."""

    def refuse(exc: OSError) -> None:
        raise Unreadable(
            f"cannot read '{exc.filename}': {exc.strerror}", "Fix it or remove it, then try again."
        ) from exc

    for folder, folders, names in os.walk(absolute, onerror=refuse):
        if ".git" in names:
            names.remove(".git")
        folders[:] = [
            name
            for name in folders
            if name not in NEVER_DATA and not os.path.lexists(f"{folder}{os.sep}{name}/.dvc")
        ]
        yield folder, folders, names


def _local_files() -> Any:
    from dvc_objects.fs import localfs  # noqa: PLC0415 - 65 ms, where data is behind pointers

    return localfs
