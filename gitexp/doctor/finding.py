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
