"""How the tests of the handover make what they apply runs to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Make(Protocol):
    """Make a repository of files, committed, and go there."""

    def __call__(self, files: Mapping[str, str], folder: str = "") -> Path: ...
