"""How the tests of commands start them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any, Protocol

from gitexp.execution.command.child import Child


class Begin(Protocol):
    """Start a command here."""

    def __call__(
        self, argv: Sequence[str], timeout: float | None = None, grace: float = 10.0
    ) -> Child: ...


class Drive(Protocol):
    """Start a command through a driver that a test can kill; `options` are those of Popen."""

    def __call__(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]: ...
