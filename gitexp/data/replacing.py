"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from gitexp.errors import GitexpError

_LONGEST_NAME = 255
"""Bytes that a file system allows for a name."""


def replace_content(path: Path, content: bytes, *, onto_disk: bool = False) -> None:
    """Write a file whole or not at all, through links, its permissions kept."""
    target = path.resolve()
    name = f".{target.name}.{os.getpid()}.gitexp"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".{os.getpid()}.gitexp"
    temporary = target.with_name(name)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if onto_disk:
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def refuse_link(file: Path, path: str) -> None:
    """Raise GitexpError for a link: it may lead out, and git would read neither through one."""
    if file.is_symlink():
        raise GitexpError(f"'{path}' is a link", hint="Replace it by a file, then try again.")


def refuse_links_above(top: Path, path: str) -> None:
    """Raise GitexpError if one of the folders between `top` and a path is a link."""
    for folder in Path(path).parents:
        if folder.parts and ".." not in folder.parts:
            refuse_link(top / folder, folder.as_posix())
