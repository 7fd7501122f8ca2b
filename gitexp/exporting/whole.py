"""Files that are there whole, or not at all, and folders that are ours alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError


@contextlib.contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a place to write to, which takes the place of `target` at the end.

    Raises GitexpError if the folder is not there, or nothing can be written into it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".gitexp-", dir=target.parent) as folder:
            place = Path(folder, target.name)
            yield place
            os.replace(place, target)  # noqa: PTH105 - says what it does to what is there
    except OSError as error:
        reason = error.strerror or str(error)
        raise GitexpError(f"'{target}' cannot be written: {reason}") from error


def made(folder: Path, known: Iterable[str]) -> Path:
    """Make a folder to export into; one that holds what an export does not write is refused."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted({path.name for path in folder.iterdir()} - {*known, ".gitignore"})
        if others:
            raise GitexpError(
                f"'{folder}' has other files, such as '{others[0]}'", hint="Name another folder."
            )
        (folder / ".gitignore").write_text("*\n")
    except OSError as error:
        raise GitexpError(f"'{folder}' cannot be made: {error.strerror}") from error
    return folder
