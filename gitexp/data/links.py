"""Links from the work tree into the cache, for those who configured them in place of copies.

Whoever writes through such a link damages an object of the cache: `unprotect` comes first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Sequence
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
