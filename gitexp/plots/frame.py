"""A canvas of braille dots in a terminal, with the axes around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from gitexp.model.text import harmless, text_width
from gitexp.plots.chart import Curve
from gitexp.plots.scale import Scale

_LETTERS_ON_A_CURVE = 6
_DOTS_ACROSS, _DOTS_UP = 2, 4
"""In one character."""


class Frame:
    """A canvas of dots, and the axes around it."""

    def __init__(self, x: Scale, y: Scale, width: int, height: int) -> None:
        from plotille import Canvas  # noqa: PLC0415 - 15 ms, 60 with NumPy, for charts alone

        self._x, self._y = x, y
        self._names = [y.text(row / (height - 1)) for row in range(height - 1, -1, -1)]
        self._margin = max(map(len, (*self._names[:: max(1, height // 4)], self._names[-1])))
        self._width = width - self._margin - 2
        self._height = height
        right = x.low + (x.high - x.low) * _within(self._width * _DOTS_ACROSS)
        top = y.low + (y.high - y.low) * _within(height * _DOTS_UP)
        self._canvas = Canvas(self._width, height, x.low, y.low, right, top, mode="names")

    def line(self, curve: Curve, shade: str | None, *, dots: bool = False) -> None:
        """Draw a curve; what has no place is a gap."""
        places = list(self._places(zip(curve.x, curve.y, strict=True)))
        for one, other in pairwise(places):
            if one is not None and other is not None:
                self._canvas.line(*one, *other, color=shade)
        for at, place in enumerate(places):
            is_alone = not any(places[max(0, at - 1) : at]) and not any(places[at + 1 : at + 2])
            if place is not None and (dots or is_alone):
                self._canvas.point(*place, color=shade)

    def dots(self, points: Iterable[tuple[float, float]], shade: str | None) -> None:
        """Draw points that are not joined."""
        for place in self._places(points):
            if place is not None:
                self._canvas.point(*place, color=shade)

    def marks(self, points: Iterable[tuple[float, float]], shade: str | None) -> None:
        """Draw points as large as a character."""
        for place in self._places(points):
            if place is not None:
                self._canvas.point(*place, color=shade, marker="●")

    def letters(self, curve: Curve, letter: str, at: int, shade: str | None) -> None:
        """Put a letter on a curve here and there, not where the other curves have theirs."""
        places = [one for one in self._places(zip(curve.x, curve.y, strict=True)) if one]
        step = max(1, len(places) // _LETTERS_ON_A_CURVE)
        for place in places[(at * 3) % step :: step]:
            self._canvas.point(*place, color=shade, marker=letter)

    def _places(
        self, points: Iterable[tuple[float, float]]
    ) -> Iterator[tuple[float, float] | None]:
        for x, y in points:
            across, up = self._x.place(x), self._y.place(y)
            yield None if across is None or up is None else (across, up)

    def text(self, x_label: str) -> Iterator[str]:
        """Yield the lines of the frame with what was drawn."""
        every = max(1, self._height // 4)
        for row, dots in enumerate(self._canvas.plot(linesep="\n").split("\n")):
            name = self._names[row] if row % every == 0 or row == self._height - 1 else ""
            yield f"{name:>{self._margin}} ┤{dots}" if name else f"{'':{self._margin}} │{dots}"
        yield f"{'':{self._margin}} └{'─' * self._width}"
        yield f"{'':{self._margin}}  {self._below(harmless(x_label))}"

    def _below(self, label: str) -> str:
        first, last = self._x.text(0), self._x.text(1)
        room = self._width - len(first) - len(last)
        middle = f"{label:^{room}}" if text_width(label) + 2 <= room else " " * max(1, room)
        return f"{first}{middle}{last}"


def _within(dots: int) -> float:
    """Return how much longer an axis must be for its end to lie in the last of its dots."""
    return dots / (dots - 1)
