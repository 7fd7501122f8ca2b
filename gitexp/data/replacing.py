"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError

_LONGEST_NAME = 255
"""Bytes that a file system allows for a name."""

_LEFT = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = _LEFT | os.O_CREAT | os.O_EXCL


def replace_content(path: Path, content: bytes, *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all, through links, its permissions kept."""
    target = path.resolve()
    with _beside(target) as (descriptor, temporary):
        _write(descriptor, content)
        if onto_disk:
            os.fsync(descriptor)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)


def drop_torn(path: Path) -> None:
    """Remove what a killed process has written beside a file that is not to be there."""
    temporary = _temporary(path.resolve())
    descriptor = _taken(temporary) if os.path.lexists(temporary) else None
    if descriptor is not None:
        temporary.unlink()
        os.close(descriptor)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[tuple[int, Path]]:
    """Open a file beside the target, which is gone by the end unless it was renamed.

    It has one name, so that what a killed process has left is written over. If another process is
    at work under it, one of our own.
    """
    temporary = _temporary(target)
    descriptor = _taken(temporary)
    if descriptor is None:
        temporary = target.with_name(f".{os.getpid()}.gitexp")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, _NEW, 0o666)
    try:
        yield descriptor, temporary
    except BaseException:
        with contextlib.suppress(OSError):
            if _is_at(descriptor, temporary):
                temporary.unlink()
        raise
    finally:
        os.close(descriptor)


def _temporary(target: Path) -> Path:
    name = f".{target.name}.gitexp"
    is_short = len(os.fsencode(name)) <= _LONGEST_NAME
    return target.with_name(name if is_short else f".{os.getpid()}.gitexp")


def _taken(place: Path) -> int | None:
    """Return an empty file at a place, new or left by a killed process; None if it is another's."""
    try:
        descriptor, is_new = os.open(place, _NEW, 0o666), True
    except OSError:
        try:
            descriptor, is_new = os.open(place, _LEFT), False
        except OSError:  # a link, a folder, not ours to write
            return None
    is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
    if is_file and _is_locked(descriptor, otherwise=is_new) and _is_at(descriptor, place):
        os.ftruncate(descriptor, 0)
        return descriptor
    os.close(descriptor)
    return None


def _is_locked(descriptor: int, *, otherwise: bool) -> bool:
    """Lock a file and return whether that is done; where there are no locks, `otherwise`."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return otherwise
    return True


def _is_at(descriptor: int, place: Path) -> bool:
    """Return whether a file is at a place still, and was not renamed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), place.lstat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def refuse_link(file: Path, path: str) -> None:
    """Raise GitexpError for a link: it may lead out, and git would read neither through one."""
    if file.is_symlink():
        raise GitexpError(f"'{path}' is a link", hint="Replace it by a file, then try again.")


def refuse_links_above(top: Path, path: str) -> None:
    """Raise GitexpError if one of the folders between `top` and a path is a link."""
    for folder in Path(path).parents:
        if folder.parts and ".." not in folder.parts:
            refuse_link(top / folder, folder.as_posix())
