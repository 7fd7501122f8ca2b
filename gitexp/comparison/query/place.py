"""Places in the text of an expression, and mistakes that show theirs."""

from __future__ import annotations

from dataclasses import dataclass

from gitexp.errors import GitexpError

_WIDEST = 76
"""How much of an expression is shown; with the indent it fits a terminal of 80 columns."""
_CUT = "…"


@dataclass(frozen=True)
class Place:
    """A stretch of an expression's text."""

    text: str
    """The whole expression."""
    start: int
    end: int

    def to(self, other: Place) -> Place:
        """Return the stretch from here to the end of another place."""
        return Place(self.text, self.start, other.end)

    def __str__(self) -> str:
        return self.text[self.start : self.end]


NOWHERE = Place("", 0, 0)
"""The place of what was not written by anybody."""


class QueryError(GitexpError):
    """An expression that cannot be understood; the message shows where."""

    def __init__(self, message: str, place: Place, hint: str | None = None) -> None:
        super().__init__("\n".join([message, *_shown(place)]), hint)
        self.place = place


class UnknownName(QueryError):
    """No run has a metric or param of that name."""


def _shown(place: Place) -> list[str]:
    return [f"  {place.text}", f"  {' ' * place.start}{'^' * max(1, place.end - place.start)}"]
