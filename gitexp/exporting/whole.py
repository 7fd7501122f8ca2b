"""Files that are there whole, or not at all, and folders that are ours alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError

_BEING_WRITTEN = ".gitexp-"
_IGNORED = ".gitignore"


@contextlib.contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a place to write to, which takes the place of `target` at the end.

    A link is replaced, not followed. Raises GitexpError if the folder is not there, if nothing
    can be written into it, or if something else than a file is there, such as /dev/null.
    """
    if target.exists() and not target.is_file():
        raise GitexpError(f"'{target}' is no file", hint="Name a file, or one that is not there.")
    try:
        with tempfile.TemporaryDirectory(prefix=_BEING_WRITTEN, dir=target.parent) as folder:
            place = Path(folder, target.name)
            yield place
            os.replace(place, target)  # noqa: PTH105 - says what it does to what is there
    except OSError as error:
        reason = error.strerror or str(error)
        raise GitexpError(f"'{target}' cannot be written: {reason}") from error


def made(folder: Path, known: Iterable[str]) -> Path:
    """Make a folder to export into; one that holds what an export does not write is refused.

    So is one that holds links: a commit may have brought them, and they may lead anywhere.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = sorted(path for path in folder.iterdir() if not _is_left_over(path))
        others = [path.name for path in there if path.name not in {*known, _IGNORED}]
        if others:
            raise _refused(folder, f"has other files, such as '{others[0]}'")
        links = [path.name for path in there if path.is_symlink()]
        if links:
            raise _refused(
                folder, f"has links, such as '{links[0]}', which are not written through"
            )
        (folder / _IGNORED).write_text("*\n")
    except OSError as error:
        raise GitexpError(f"'{folder}' cannot be made: {error.strerror}") from error
    return folder


def _is_left_over(path: Path) -> bool:
    """Return whether a path is of an export that was killed."""
    return path.name.startswith(_BEING_WRITTEN)


def _refused(folder: Path, why: str) -> GitexpError:
    return GitexpError(f"'{folder}' {why}", hint="Name another folder.")
