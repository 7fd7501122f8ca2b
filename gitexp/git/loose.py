"""Objects written without a process of git, byte for byte as git writes them.

Only if that is known to be the same: whatever is out of the ordinary is left to git.
"""

from __future__ import annotations

import contextlib
import errno
import os
import zlib
from pathlib import Path

from gitexp.git.repository import Repository
from gitexp.git.trees import object_oid

_LEFT_TO_GIT = ("core.sharedrepository", "core.fsync", "core.fsyncobjectfiles", "core.fsyncmethod")
"""Settings that make git do more than is done here."""
_FASTEST = 1
"""How git packs loose objects unless told otherwise."""
_READ_ONLY = 0o444


def write_loose(repository: Repository, kind: str, content: bytes) -> str | None:
    """Write an object and return its oid; None if git has to do it.

    The file has no name until it is whole, so that a kill leaves nothing behind.
    """
    if any(name in repository.config for name in _LEFT_TO_GIT):
        return None
    oid = object_oid(kind, content, repository.object_format)
    path = repository.common_dir / "objects" / oid[:2] / oid[2:]
    with contextlib.suppress(OSError):  # no such object yet
        os.utime(path)  # as git does: `git gc` spares what was asked for lately
        return oid
    header = f"{kind} {len(content)}\0".encode()
    try:
        path.parent.mkdir(exist_ok=True)
        place(path, zlib.compress(header + content, _FASTEST), _READ_ONLY)
    except FileExistsError:  # another process was faster
        return oid
    except OSError:  # a file system without unnamed files, a full disk: git says what is wrong
        return None
    return oid


def place(path: Path, data: bytes, mode: int) -> None:
    """Write a file that appears whole or not at all; raises OSError if there is one already.

    This works even if the system has no files without a name.
    """
    if not hasattr(os, "O_TMPFILE"):
        raise OSError(errno.EOPNOTSUPP, "no files without a name", str(path))
    descriptor = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, mode)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)
    finally:
        os.close(descriptor)
