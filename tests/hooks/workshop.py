"""How the tests of the hooks make repositories once and copy them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class RunThere(Protocol):
    """Run a program in a repository that is made for a whole session; it must not fail."""

    def __call__(self, *words: str | Path) -> None: ...


Once = Callable[[str], tuple[Path, RunThere]]
"""Begin a repository that is made once: where it is, and how to run something there."""

CopyOf = Callable[[Path], Path]
"""Copy a repository, with all hooks, and go there."""

Track = Callable[[str], None]
"""Put a version of `data.csv` behind its pointer and commit that."""
