"""How the tests of commands start them, and learn what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from gitexp.execution.command.child import Child


class Begin(Protocol):
    """Start a command here."""

    def __call__(
        self,
        argv: Sequence[str],
        timeout: float | None = None,
        grace: float = 10.0,
        *,
        shown: bool = True,
    ) -> Child: ...


class Drive(Protocol):
    """Start a command through a driver that a test can kill; `options` are those of Popen.

    `through` are options of Python's.
    """

    def __call__(
        self, argv: Sequence[str], *, through: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[bytes]: ...


def says(path: Path, text: str) -> Callable[[], bool]:
    """Claim that a file has a text."""
    return lambda: path.exists() and text in path.read_text()


def python(script: str) -> list[str]:
    """Return a command that runs a script."""
    return [sys.executable, "-c", script]


def shell(script: str) -> list[str]:
    """Return the same for the shell."""
    return ["/bin/sh", "-c", script]


def told(log: Path) -> dict[str, object]:
    """Return what the driver learned."""
    return dict(json.loads(log.with_name("log.json").read_text()))
