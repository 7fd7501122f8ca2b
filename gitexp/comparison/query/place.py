"""Places in the text of an expression, and mistakes that show theirs."""

from __future__ import annotations

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.text import harmless, text_width

_INDENT = "  "
_WIDEST = 76
_BEFORE, _WITHIN, _AFTER = 24, 40, 12
"""How much is shown before a place, in it and after it, if all of it would be too wide."""
_CUT = "…"
_SPACE = lazy_pattern(r"\s")


class Place(Struct, frozen=True):
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
        lines = [harmless(message), *(_shown(place) if place.text.strip() else ())]
        super().__init__("\n".join(lines), harmless(hint) if hint else None)
        self.place = place


class UnknownName(QueryError):
    """No run has a metric or param of that name."""


def _shown(place: Place) -> tuple[str, str]:
    """Return the expression around the place, and a line that marks it."""
    before, within, after = (
        harmless(_SPACE.sub(" ", part))
        for part in (place.text[: place.start], str(place), place.text[place.end :])
    )
    if len(before + within + after) > _WIDEST:
        before = before if len(before) <= _BEFORE else _CUT + before[1 - _BEFORE :]
        within = within if len(within) <= _WITHIN else within[: _WITHIN - 1] + _CUT
        after = after if len(after) <= _AFTER else after[: _AFTER - 1] + _CUT
    line = f"{_INDENT}{before}{within}{after}".rstrip()
    return line, f"{_INDENT}{' ' * text_width(before)}{'^' * max(1, text_width(within))}"


def quoted(text: str) -> str:
    """Return what somebody wrote for a message, cut to a readable length.

    >>> quoted("acuracy"), quoted("a" * 50)
    ("'acuracy'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'")
    """
    return f"'{text if len(text) <= _WITHIN else text[: _WITHIN - 1] + _CUT}'"
