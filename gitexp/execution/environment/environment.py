"""What a command ran in, as values; how that is found out takes more, where there is a Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field


class Environment(Struct, frozen=True):
    """What a Python has installed; that of no Python if nobody knows which it was."""

    packages: tuple[str, ...]
    """Lines as `environment.txt` has them, sorted by their names, which are normalised."""
    python: str
    """The version of that Python, such as `3.11.7`."""
    source: str
    """Where it was read: the path of that Python."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Settings of threads and determinism that its process had."""


UNKNOWN = Environment(packages=(), python="", source="")


class Ground(Struct, frozen=True):
    """The repository that a run belongs to: a package in it is part of the run's own tree."""

    top: Path
    root: Path
    """The project's folder, from which paths are written."""

    def path_of(self, folder: Path) -> str | None:
        """Return a folder of the repository, from the project's; None for one outside."""
        if not folder.is_relative_to(self.top):
            return None
        path = Path(os.path.relpath(folder, self.root)).as_posix()
        return path if path.startswith(".") else f"./{path}"
