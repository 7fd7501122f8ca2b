"""What is fuzzed: something that makes an input by lot, and says what came of it."""

from __future__ import annotations

from random import Random
from typing import Any, Protocol


class Subject(Protocol):
    """A reader or an editor, with what must hold of each of its answers."""

    def make(self, lot: Random) -> Any:
        """Return an input; it depends on the lot alone."""

    def check(self, made: Any) -> str:
        """Return in a word what became of it; raise anything at all for a fault."""


REFUSED = "refused"
"""An input that is told, with a GitexpError, what is wrong with it."""
