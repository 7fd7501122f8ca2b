"""What an examination finds: one thing, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "note", "wrong"]
"""`note` is worth knowing; `wrong` keeps something from working."""


@dataclass(frozen=True)
class Finding:
    """One line of what `gitexp doctor` says."""

    mark: Mark
    subject: str
    text: str
    hint: str | None = None
    """A whole sentence with a command in backticks."""


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "run"), counted(2, "run"), counted(0, "entry", "entries")
    ('1 run', '2 runs', '0 entries')
    """
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
