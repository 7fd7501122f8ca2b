"""How the tests of the commands clone, record runs and type."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.workshop import DEADLINE, DVC, PROJECT

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


class Screen:
    """What appears in a terminal, read from its other side.

    It comes in parts, and a character may be in two of them.
    """

    def __init__(self, master: int) -> None:
        self._master = master
        self._content = b""

    def wait_for(self, text: str) -> None:
        """Read on until a text has appeared, or until nobody can write any more."""
        deadline = time.monotonic() + DEADLINE
        while text.encode() not in self._content and self._read(deadline, text):
            pass

    def whole(self) -> str:
        """Return all that appears until nobody can write any more."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline, "the end"):
            pass
        return self._content.decode()

    def _read(self, deadline: float, text: str) -> bool:
        left = max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([self._master], [], [], left)
        assert ready, f"{text!r} never came after {self._content!r}"
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux, when the other side is closed
            return False
        self._content += data
        return bool(data)
