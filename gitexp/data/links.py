"""Links from the work tree into the cache, for those who configured them in place of copies.

Whoever writes through such a link damages an object of the cache: `unprotect` comes first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from secrets import token_hex

from gitexp.data.listing import File, list_file

_MAKE = {"hardlink": Path.hardlink_to, "symlink": Path.symlink_to}


def wanted_links(link_types: Sequence[str], *, clones: bool) -> tuple[str, ...]:
    """Return the kinds of links to try, in order, before a file is left as it is.

    >>> wanted_links(("reflink", "hardlink", "copy", "symlink"), clones=False)
    ('hardlink',)
    """
    wanted: list[str] = []
    for kind in link_types:
        if kind == "copy" or (kind == "reflink" and clones):
            break
        if kind in _MAKE:
            wanted.append(kind)
    return tuple(wanted)


def replace_by_link(file: File, target: Path, kinds: Sequence[str]) -> File:
    """Replace a file by a link to its object in one step, and return it as it is then.

    It stays a copy if no link can be made or if it was written meanwhile; so do empty files, as in
    DVC (file systems limit the links to one file), and executable ones: a link shares its mode with
    the object.
    """
    path = Path(file.path)
    if file.found.st_size == 0 or file.found.st_mode & 0o111 or path.samefile(target):
        return file
    temporary = path.with_name(f".gitexp-{token_hex(8)}.tmp")
    for kind in kinds:
        with contextlib.suppress(OSError):
            try:
                _MAKE[kind](temporary, target)
                if list_file(file.path).signature == file.signature:
                    temporary.replace(path)
                    return list_file(file.path, file.name)
            finally:
                temporary.unlink(missing_ok=True)
    return file


def place_object(cached: Path, target: Path) -> None:
    """Put an object of the cache at a path: cloned if the file system can, linked, or copied.

    A hard link shares its content with the cache, whose objects are read-only; nothing stops
    root from writing to those, so root gets a copy.
    """
    from dvc_objects.fs.system import reflink  # noqa: PLC0415 - 60 ms, where data is behind pointers

    with contextlib.suppress(OSError):
        reflink(cached, target)
        target.chmod(target.stat().st_mode | stat.S_IWUSR)
        return
    target.unlink(missing_ok=True)
    if os.geteuid() != 0 and cached.stat().st_size:
        with contextlib.suppress(OSError):
            target.hardlink_to(cached)
            return
    shutil.copyfile(cached, target)


def may_be_link(path: Path) -> bool:
    """Return whether a file could share its content with an object, by its stat alone."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1)


def link_into(path: Path, cache: Path, objects: Collection[Path]) -> Path | None:
    """Return the link through which a write to the path would reach the cache; None if none would.

    That is the path, or the last of the links that it leads to. A hard link is one if it is
    protected as DVC protects its objects, or is one of the `objects`.
    """
    folder = os.path.realpath(cache)
    while path.is_symlink():
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

    temporary = path.with_name(f".gitexp-{token_hex(8)}.tmp")
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
