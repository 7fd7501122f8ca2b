"""A limit for searches of patterns, where whoever wrote them cannot press Ctrl-C."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Patience(Protocol):
    """What searches in place of Python's own `re`, which cannot be told to give up."""

    def check_pattern(self, pattern: str) -> None:
        """Raise GitexpError if it cannot be searched for."""

    def search(self, pattern: str, text: str) -> bool:
        """Return whether a text has the pattern; false once no time is left.

        Nothing is raised here: SQLite calls this, and would take it for a fault of its own.
        """


PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)
"""That of the question under way; None if there is no limit."""
