"""Patterns of `gitexp.yaml`, matched as `.gitignore` lines are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

_WILDCARD = re.compile(r"[*?\[]")

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Patterns:
    """Some `.gitignore` lines; paths are relative to the project."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)

    @classmethod
    def anchored(cls, globs: Iterable[str]) -> Patterns:
        """Return patterns that hold from the project's folder on, as paths do."""
        return cls(f"/{glob.removeprefix('./').lstrip('/')}" for glob in globs)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 20 ms, mostly while a command runs

        return GitIgnoreSpec.from_lines(self.lines)

    def match(self, path: str) -> bool:
        """Return whether a file matches, itself or by a folder above it."""
        return bool(self.lines) and self._spec.match_file(path)

    def reaches_below(self, folder: str) -> bool:
        """Return whether a file below `folder` may match, so that a walk is worth it.

        >>> Patterns(["/metrics.json", "/out/*/m.json"]).reaches_below("data")
        False
        """
        return any(_reaches(line, f"{folder.rstrip('/')}/") for line in self.lines)

    def folder_of(self, path: str) -> str | None:
        """Return the outermost folder above `path` that matches as a whole, such as `checkpoints/`.

        >>> Patterns(["checkpoints/", "*.pt"]).folder_of("checkpoints/a/1.pt")
        'checkpoints'
        """
        if not self.lines:
            return None
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return next((folder for folder in above if self._spec.match_file(f"{folder}/")), None)


def _reaches(line: str, folder: str) -> bool:
    if "/" not in line.rstrip("/"):
        return True  # such a line holds at any depth
    fixed = _WILDCARD.split(line.lstrip("/"))[0]
    return fixed.startswith(folder) or folder.startswith(fixed)
