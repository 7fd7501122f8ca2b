"""The `.gitignore` line that keeps git away from what DVC holds."""

from __future__ import annotations

import os
from collections.abc import Iterable

from gitexp.errors import GitexpError

SPECIAL = "\\[]!*#?"
"""What `dvc add` puts a backslash before."""


def with_ignored(content: bytes | None, name: str) -> bytes:
    """Return a `.gitignore` that ignores `name` in its own folder, as `dvc add` would leave it.

    Pass None if there is no `.gitignore` yet. DVC adds no line for a path that any rule already
    ignores: ask `git check-ignore` first.

    >>> with_ignored(b"*.pyc", "model.pt")
    b'*.pyc\\n/model.pt\\n'
    """
    line = _line(name)
    before = content or b""
    if line in before.splitlines():
        return before
    separator = b"" if before.endswith(b"\n") or not before else b"\n"
    return before + separator + line + b"\n"


def without_ignored(content: bytes, name: str) -> bytes:
    """Return a `.gitignore` without the line that `with_ignored` adds.

    >>> without_ignored(b"*.pyc\\n/model.pt\\n", "model.pt")
    b'*.pyc\\n'
    """
    line = _line(name)
    return b"".join(one for one in content.splitlines(keepends=True) if one.rstrip(b"\r\n") != line)


def size_of_lines(names: Iterable[str]) -> int:
    """Return the size of a `.gitignore` that has the lines of `with_ignored` alone.

    >>> size_of_lines(["a.pt", "b.pt"]) == len(b"/a.pt\\n/b.pt\\n")
    True
    """
    return sum(len(_line(name)) + 1 for name in names)


def _line(name: str) -> bytes:
    if "\n" in name or "/" in name:
        raise GitexpError(f"{name!r} cannot stand in a '.gitignore'", "Rename it.")
    escaped = "".join(f"\\{char}" if char in SPECIAL else char for char in name)
    if escaped.endswith(" "):
        escaped = f"{escaped[:-1]}\\ "  # git drops a bare space at the end, which DVC overlooks
    return b"/" + os.fsencode(escaped)
