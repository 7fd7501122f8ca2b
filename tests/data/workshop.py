"""How the tests of the data have DVC itself act."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Dvc(Protocol):
    """Run DVC commands (and `rm`) one after another and return what each of DVC's prints."""

    def __call__(self, folder: Path, *commands: list[str]) -> list[str]: ...
