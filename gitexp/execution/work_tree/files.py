"""The files of a work tree: which there are, and whether they were written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

Signature = tuple[int, int, int, int, int]
"""Modification and change time (ns), size, inode and mode: what a write cannot leave as it was."""

JUNK = ("__pycache__/", ".ipynb_checkpoints/", ".DS_Store", "*.py[co]", ".pytest_cache/")
"""What tools leave behind, ignored even if no .gitignore says so."""

_ENVIRONMENT_FOLDERS = frozenset({"node_modules"})


def signature(path: Path) -> Signature | None:
    """Return the stat signature of a file, a link being itself; None if there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode)


def signatures(top: Path, paths: Iterable[str]) -> dict[str, Signature]:
    """Return the signatures of those of the paths that exist."""
    base = str(top)
    found = {}
    for path in paths:
        try:
            one = os.lstat(f"{base}/{path}")
        except OSError:
            continue
        found[path] = (one.st_mtime_ns, one.st_ctime_ns, one.st_size, one.st_ino, one.st_mode)
    return found


def is_regular(found: Signature) -> bool:
    """Return whether a signature is that of a file or link, hence of something git can hold."""
    return stat.S_ISREG(found[4]) or stat.S_ISLNK(found[4])


def is_environment(folder: Path) -> bool:
    """Return whether a folder is a virtual environment, or what npm fills."""
    return folder.name in _ENVIRONMENT_FOLDERS or (folder / "pyvenv.cfg").is_file()


def is_nested_repository(folder: Path) -> bool:
    """Return whether a folder is a git repository of its own."""
    return (folder / ".git").exists()


def walk(top: Path, folder: str, passed: set[str] | None = None) -> Iterator[str]:
    """Yield the files below a folder; environments and nested repositories are not entered.

    Their paths are added to `passed`.
    """
    pending = [folder.rstrip("/")]
    while pending:
        place = pending.pop()
        if is_environment(top / place) or is_nested_repository(top / place):
            if passed is not None:
                passed.add(place)
            continue
        try:
            with os.scandir(top / place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{place}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield path
