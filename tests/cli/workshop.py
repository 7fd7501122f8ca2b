"""How the tests of the commands clone, record runs and type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Clone(Protocol):
    """Clone the hub: `clone("name", "--depth=1")`."""

    def __call__(self, name: str, *options: str) -> Path: ...


class Run(Protocol):
    """Record a run that does nothing: `run("name")`, or in another clone `run("name", place)`."""

    def __call__(self, name: str, place: Path = ...) -> None: ...


class Typed(Protocol):
    """Run a program in a window and type: `typed(argv, {"prompt": "keys"})`."""

    def __call__(
        self, argv: tuple[str, ...], keys: Mapping[str, str] | None = None, **env: str
    ) -> tuple[int, str]: ...
