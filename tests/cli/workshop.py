"""How the tests of the commands clone, record runs and type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.workshop import DVC, PROJECT

_MODEL = (
    "\nimport pathlib, sys\n"
    "pathlib.Path('model.joblib').write_bytes(f'model {rate}'.encode())\n"
    "for more in sys.argv[1:]: pathlib.Path(more).write_text(more)\n"
)
MODELLING: Mapping[str, str] = {**PROJECT, **DVC, "train.py": PROJECT["train.py"] + _MODEL}
"""A project whose runs write a model, and a file for each word of their command line."""


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
