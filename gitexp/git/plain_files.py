"""Files that git keeps byte for byte, with their modes: writing them needs no process of it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from gitexp.git.repository import Repository

_CHANGING = frozenset({"text", "eol", "crlf", "filter", "ident", "working-tree-encoding"})
"""Attributes by which git makes other bytes of a file."""
_MODES = ("core.filemode", "core.symlinks")
_NOTHING = frozenset({"unspecified", "unset"})


def filtered(repository: Repository, paths: Iterable[str]) -> set[str]:
    """Return the files that a filter such as Git LFS keeps, by path from the top."""
    return _with_attributes(repository, paths, ("filter",))


def _with_attributes(
    repository: Repository, paths: Iterable[str], names: Iterable[str]
) -> set[str]:
    """Return the files for which one of some attributes is set."""
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    if not asked:
        return set()
    told = repository.git("check-attr", "-z", "--stdin", *names, stdin=asked).split(b"\0")
    pairs = zip(told[::3], told[2::3], strict=False)
    return {os.fsdecode(path) for path, value in pairs if value.decode() not in _NOTHING}


class PlainFiles:
    """Which files of one work tree are plain; each is asked for once.

    Good for as long as nobody writes a `.gitattributes`: whoever may have been given free rein in
    the work tree has to forget what was found.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[str, bool] = {}

    def forget(self) -> None:
        """Ask git again."""
        self._known.clear()

    def covers(self, paths: Iterable[str]) -> bool:
        """Return whether all of some files, by path from the top, are plain, and their modes."""
        wanted, config = list(paths), self._repository.config
        if config.get("core.autocrlf", "false").lower() not in ("false", "no"):
            return False
        if any(config.get(name, "true").lower() != "true" for name in _MODES):
            return False  # git goes by what it had
        self._ask([path for path in wanted if path not in self._known])
        return all(self._known[path] for path in wanted)

    def _ask(self, paths: list[str]) -> None:
        changing = _with_attributes(self._repository, paths, sorted(_CHANGING))
        self._known |= {path: path not in changing for path in paths}
