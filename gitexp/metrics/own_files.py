"""Files that somebody else left in a folder, opened where they lie; no link is followed.

Behind a link could be any file of whoever reads the folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from gitexp.errors import GitexpError


def opened_plain(file: Path) -> BinaryIO:
    """Open a regular file; raises OSError, for a link as well, or GitexpError for anything else."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise GitexpError(f"'{file.name}' is not a file")
    return os.fdopen(descriptor, "rb")


def size_of(opened: BinaryIO) -> int:
    """Return how many bytes an open file has."""
    return os.fstat(opened.fileno()).st_size
