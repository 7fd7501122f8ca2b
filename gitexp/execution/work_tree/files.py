"""The files of a work tree: which there are, and whether they were written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path

Signature = tuple[int, int, int, int, int]
"""Modification and change time (ns), size, inode and mode: what a write cannot leave as it was."""

JUNK = (
    *("**/.dvc/cache/", "**/.dvc/tmp/", "**/.dvc/config.local"),  # even if its .gitignore is gone
    *("__pycache__/", ".ipynb_checkpoints/", ".DS_Store", "*.py[co]", ".pytest_cache/"),
)
"""What tools leave behind, ignored even if no .gitignore says so."""

_ENVIRONMENT_FOLDERS = frozenset({"node_modules"})
_OF_OTHERS = frozenset({"pyvenv.cfg", ".git"})
"""What a virtual environment has in it, and a repository."""


def signature(path: Path) -> Signature | None:
    """Return the stat signature of a file, a link being itself; None if there is none."""
    return signatures(path.parent, [path.name]).get(path.name)


def signatures(top: Path, paths: Iterable[str]) -> dict[str, Signature]:
    """Return the signatures of those of the paths that exist, as far as they can be seen."""
    base = str(top)
    found = {}
    for path in paths:
        try:
            one = os.lstat(f"{base}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # what fails once may pass
            try:
                one = os.lstat(f"{base}/{path}")
            except OSError:
                continue
        found[path] = (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)
    return found


def unseen(top: Path, paths: Iterable[str]) -> dict[str, OSError]:
    """Return which of the paths that have no signature may be there all the same, and why."""
    found = {}
    for path in paths:
        try:
            (top / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found[path] = error
    return found


def is_regular(found: Signature) -> bool:
    """Return whether a signature is that of a file or link, hence of something git can hold."""
    return stat.S_ISREG(found[4]) or stat.S_ISLNK(found[4])


def is_environment(folder: Path) -> bool:
    """Return whether a folder is a virtual environment, or what npm fills."""
    return is_npm_folder(folder.name) or os.path.isfile(folder / "pyvenv.cfg")  # noqa: PTH113 - which never fails


def is_nested_repository(folder: Path) -> bool:
    """Return whether a folder is a git repository of its own."""
    return os.path.exists(folder / ".git")  # noqa: PTH110 - which never fails


def walk(top: Path, folder: str, passed: set[str] | None = None) -> Iterator[str]:
    """Yield the files below a folder; environments and nested repositories are not entered.

    Their paths are added to `passed`.
    """
    base, pending = os.fspath(top), [folder.rstrip("/")]
    while pending:
        place = pending.pop()
        inside = _inside(f"{base}/{place}") if not is_npm_folder(place) else None
        if inside is None or not _OF_OTHERS.isdisjoint(entry.name for entry in inside):
            if passed is not None:
                passed.add(place)
            continue
        for entry in inside:
            path = f"{place}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield path


def is_npm_folder(path: str) -> bool:
    """Return whether a folder is what npm fills, by its name."""
    return path.rpartition("/")[2] in _ENVIRONMENT_FOLDERS


def _inside(folder: str) -> list[os.DirEntry[str]]:
    """Return what is in a folder, by name; nothing if it cannot be read, even the second time."""
    for _ in range(2):
        try:
            with os.scandir(folder) as found:
                return sorted(found, key=attrgetter("name"))
        except OSError:
            continue
    return []
