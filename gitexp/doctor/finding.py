"""What an examination finds: one thing, how it is, and what to do about it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Mark = Literal["ok", "note", "wrong"]
"""`note` is worth knowing; `wrong` keeps something from working."""


class Finding(Struct, frozen=True):
    """One line of what `gitexp doctor` says."""

    mark: Mark
    subject: str
    text: str
    hint: str | None = None
    """A whole sentence with a command in backticks."""
