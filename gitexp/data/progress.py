"""How far DVC has come in copying data, as a line of text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Progress = Callable[[str], None]
"""Called with how far something has come."""

_PAUSE = 0.1
"""Seconds between two lines: a terminal is slower than a network."""


def copying(progress: Progress | None) -> Any:
    """Return what DVC is to call while it copies files.

    DVC's own bars are off unless its own command line is running.
    """
    from fsspec.callbacks import Callback  # noqa: PLC0415 - 70 ms, with DVC

    class Copying(Callback):  # type: ignore[misc] # fsspec has no types
        last = 0.0

        def branched(self, path_1: str, path_2: str, **_: Any) -> Callback:  # noqa: ARG002
            return Callback(hooks={"tell": self.tell})

        def call(self, *_: Any, **__: Any) -> None:
            self.tell(None, 0)

        def tell(self, size: int | None, value: int, **_: Any) -> None:
            """Say how many files are done, and how much of the one that moved just now."""
            now = time.monotonic()
            if progress is None or not self.size or now - self.last < _PAUSE:
                return
            self.last = now
            part = f", {100 * value // size}% of one" if size else ""
            progress(f"Copying data: {self.value}/{self.size} files{part}")

    return Copying()
