"""Files that share their bytes with an object of the cache: found, and given copies."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

_MOST_LINKS = 40
"""As for Linux itself: more of them are a loop."""


def may_be_link(path: Path) -> bool:
    """Return whether a file could share its content with an object, by its stat alone."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1)


def links_below(folder: str) -> Iterator[str]:
    """Yield the files in a folder of which `may_be_link` says so; it enters no linked folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from links_below(entry.path)
                elif _could_be(entry):
                    yield entry.path
    except OSError:  # unreadable: nobody writes through what is in it
        return


def _could_be(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink():
        return not entry.is_dir()
    if not entry.is_file(follow_symlinks=False):
        return False
    try:
        return entry.stat(follow_symlinks=False).st_nlink > 1
    except OSError:
        return False


def link_into(path: Path, cache: Path, objects: Collection[Path]) -> Path | None:
    """Return the link through which a write to the path would reach the cache; None if none would.

    That is the path, or the last of the links that it leads to. A hard link is one if it is
    protected as DVC protects its objects, or is one of the `objects`.
    """
    folder = os.path.realpath(cache)
    for _ in range(_MOST_LINKS):
        if not path.is_symlink():
            break
        target = Path(os.path.realpath(path.parent), os.readlink(path))  # noqa: PTH115 - a Path drops `..`
        target = Path(os.path.realpath(target.parent), target.name)
        if target.is_relative_to(folder):
            return path
        if target == path:
            return None
        path = target
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_nlink == 1:
        return None
    protected = not found.st_mode & 0o222
    return path if protected or any(_is_same(path, one) for one in objects) else None


def unprotect(path: Path) -> None:
    """Put a writable copy where a link is, in one step, its times kept; a broken link goes."""
    from dvc_objects.fs.system import reflink  # noqa: PLC0415 - 60 ms, as above

    temporary = path.with_name(f".gitexp-{os.urandom(8).hex()}.tmp")
    try:
        found = path.stat()
    except FileNotFoundError:
        path.unlink(missing_ok=True)
        return
    try:
        try:
            reflink(path.resolve(), temporary)
        except OSError:
            temporary.unlink(missing_ok=True)
            shutil.copyfile(path, temporary)
        os.utime(temporary, ns=(found.st_atime_ns, found.st_mtime_ns))
        temporary.chmod(stat.S_IMODE(found.st_mode) | stat.S_IWUSR)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
