"""What differs between two sides, as scripts and notebooks see it."""

from __future__ import annotations

from msgspec.structs import asdict

from gitexp.comparison import changes as comparison
from gitexp.rendering.formats import FORMATS


class Diff(comparison.Diff, frozen=True):
    """All that differs between two sides; true if anything does. It cannot be changed."""

    def __repr__(self) -> str:
        """Return what `gitexp diff` prints, for notebooks."""
        from gitexp.rendering.diff import diff_document  # noqa: PLC0415 - 5 ms, where it is shown

        return FORMATS["text"](diff_document(self)).rstrip("\n")


def diff_of(found: comparison.Diff) -> Diff:
    """Return what was found as the value that `gitexp.diff` gives."""
    return Diff(**asdict(found))
