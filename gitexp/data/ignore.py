"""The lines that keep git away from what DVC holds, and DVC away from what nobody shall hold."""

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


def with_dvcignored(content: bytes, paths: Iterable[str]) -> bytes:
    """Return a `.dvcignore` that names paths below its own folder.

    >>> with_dvcignored(b"*.tmp", ["out/m/.env"])
    b'*.tmp\\n/out/m/.env\\n'
    """
    before = content.splitlines()
    lines = [line for line in map(_line_of_path, paths) if line not in before]
    separator = b"" if content.endswith(b"\n") or not content else b"\n"
    return content + separator + b"".join(line + b"\n" for line in lines) if lines else content


def size_of_lines(names: Iterable[str]) -> int:
    """Return the size of a `.gitignore` that has the lines of `with_ignored` alone.

    >>> size_of_lines(["a.pt", "b.pt"]) == len(b"/a.pt\\n/b.pt\\n")
    True
    """
    return sum(len(_line(name)) + 1 for name in names)


def _line(name: str) -> bytes:
    if "/" in name:
        raise GitexpError(f"{name!r} cannot stand in a '.gitignore'", "Rename it.")
    return _line_of_path(name)


def _line_of_path(path: str) -> bytes:
    if "\n" in path:
        raise GitexpError(f"{path!r} cannot stand in a '.gitignore'", "Rename it.")
    escaped = "".join(f"\\{char}" if char in SPECIAL else char for char in path)
    if escaped.endswith(" "):
        escaped = f"{escaped[:-1]}\\ "  # git drops a bare space at the end, which DVC overlooks
    return b"/" + os.fsencode(escaped)
