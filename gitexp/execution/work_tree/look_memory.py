"""What was found out about one version of an index, kept until the index is another one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, json

from gitexp.execution.work_tree.files import Signature
from gitexp.git.repository import Repository
from gitexp.model.sealed import sealed, unsealed
from gitexp.store.own import look_file

_SECOND = 1_000_000_000
_MOST = 50_000
"""Files up to which it pays to keep their names, and to look at each."""


class Look(Struct, frozen=True):
    """What git does not say of an index and the files beside it."""

    top: str
    origin: tuple[int, ...]
    """What tells this version of the index from others."""
    tree: str
    """That of the index."""
    unsure: tuple[str, ...] = ()
    """Files that git may take for unchanged, and that are not."""
    skipped: tuple[str, ...] = ()
    """Files that git was told not to look for."""
    assumed: tuple[str, ...] = ()
    """Files that git was told to assume unchanged."""
    fresh: Mapping[str, Signature] = {}
    """Files as they were when they had just been written: of these alone git may overlook it if
    they were written again."""


def read_look(repository: Repository, origin: tuple[int, ...] | None) -> Look | None:
    """Return what is known of this version of the index of a work tree."""
    with contextlib.suppress(OSError, ValueError):
        content = unsealed(look_file(repository.git_dir).read_bytes())
        found = json.decode(content, type=Look)
        is_same = (found.top, found.origin) == (str(repository.top), origin)
        if is_same and repository.objects.read(found.tree) is not None:
            return found
    return None


def keep_look(repository: Repository, look: Look) -> None:
    """Write it down, if that can be done and is worth it."""
    file = look_file(repository.git_dir)
    if len(look.unsure) + len(look.skipped) + len(look.assumed) + len(look.fresh) > _MOST:
        return
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        temporary.write_bytes(sealed(json.encode(look)))
        temporary.replace(file)
    except (OSError, UnicodeEncodeError):  # it is found again
        temporary.unlink(missing_ok=True)


def second_of(file: Path, top: Path) -> int | None:
    """Return the second in which a file was written last, in ns, by the clock of a work tree.

    None where that has a clock of its own: on another file system.
    """
    try:
        found = file.stat()
        if found.st_dev != top.stat().st_dev:
            return None
    except FileNotFoundError:
        return None
    return found.st_ctime_ns // _SECOND * _SECOND
