"""How deep an examination looks."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gitexp.store.stored_run import StoredRun


class Depth(Struct, frozen=True):
    """How deep to look, and at what."""

    runs: tuple[StoredRun, ...] | None = None
    """Those whose objects are looked at; None for all, and all else in the caches."""
    ask_remote: bool = False
    fresh: bool = False
    """Whether to read again what a call that was cut off has read."""
    show: Callable[[str], None] | None = None
    """Takes how far it is."""


class CutOff(KeyboardInterrupt):
    """Ctrl-C, and what had been read by then."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
