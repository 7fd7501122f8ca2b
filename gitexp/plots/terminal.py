"""Charts as text: dots of braille in a frame, as wide as there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from gitexp.model.numbers import number_text
from gitexp.model.text import harmless, text_width
from gitexp.model.values import Scalar
from gitexp.plots.chart import Chart, Curve, Given, Images, Lines, Matrix, Parallel, Points
from gitexp.plots.scale import Scale, scale_of
from gitexp.plots.smoothing import thinned
from gitexp.plots.standing import places

COLOURS = ("bright_blue", "bright_red", "bright_green", "bright_magenta", "bright_yellow")
_CODES = {
    "bright_blue": 94,
    "bright_red": 91,
    "bright_green": 92,
    "bright_magenta": 95,
    "bright_yellow": 93,
}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What tells curves apart where there are no colours, or too few."""
_LETTERS_ON_A_CURVE = 6
STEPPED = ("step", "seconds", "run")
"""What curves go over whose last value matters."""
_NARROWEST = 24
_POINTS_IN_A_COLUMN = 8
"""How many points of a curve are drawn in one column: two of dots, each with all its ends."""
_EMPTY = " \N{BRAILLE PATTERN BLANK}"
_DOTS_ACROSS, _DOTS_UP = 2, 4
"""In one character."""
HEIGHT = 16
"""Rows of a chart, without its axes."""


def chart_text(chart: Chart, *, width: int, colour: bool, height: int = HEIGHT) -> str:
    """Return a chart of at most this many columns; its lines end in a line feed."""
    title = harmless(chart.title)
    if isinstance(chart, Lines | Points) and chart.y_label not in chart.title:
        title = f"{title}: {harmless(chart.y_label)}"
    lines = [title, *_body(chart, max(width, _NARROWEST), height, colour=colour)]
    if chart.note:
        lines.append(harmless(chart.note))
    return "\n".join(line.rstrip(_EMPTY) for line in lines) + "\n"


def _body(chart: Chart, width: int, height: int, *, colour: bool) -> Iterator[str]:
    match chart:
        case Lines():
            yield from _lines(chart, width, height, colour=colour)
        case Points():
            yield from _points(chart, width, height, colour=colour)
        case Matrix():
            yield from _matrix(chart)
        case Parallel():
            yield from _parallel(chart)
        case Images():
            names = ", ".join(harmless(one.label) for one in chart.images)
            yield f"pictures of {names}: `-o FILE.html` shows them"
        case Given(plain=Lines() as plain):
            yield from _lines(plain, width, height, colour=colour)
        case Given():
            yield "a chart by a template: `-o FILE.html` or `-o FILE.svg` shows it"


def _lines(chart: Lines, width: int, height: int, *, colour: bool) -> Iterator[str]:
    most = width * _POINTS_IN_A_COLUMN
    curves = [thinned(one, most) for one in chart.curves]
    y_values = chain.from_iterable((*one.y, *one.low, *one.high) for one in curves)
    frame = _Frame(
        scale_of(chain.from_iterable(one.x for one in curves), is_log="x" in chart.log),
        scale_of(y_values, is_log="y" in chart.log),
        width,
        height,
    )
    lettered = len(curves) > (len(COLOURS) if colour else 1)
    for at, curve in enumerate(curves):
        shade = COLOURS[at % len(COLOURS)] if colour else None
        for edge in (curve.low, curve.high):
            frame.dots(zip(curve.x, edge, strict=False), shade)
        frame.line(curve, shade, dots=chart.dots)
    if lettered:
        for at, curve in enumerate(curves):
            shade = COLOURS[at % len(COLOURS)] if colour else None
            frame.letters(curve, _letter(at), at, shade)
    yield from frame.text(chart.x_label)
    for at, curve in enumerate(curves):
        sign = f"{_letter(at)} " if lettered else "\N{EM DASH} " if colour else ""
        last = _last(curve) if chart.x_label in STEPPED else ""
        yield _painted(f"{sign}{harmless(curve.label)}{last}", at, colour=colour)


def _last(curve: Curve) -> str:
    return f"   {number_text(curve.y[-1])}" if curve.y else ""


def _letter(at: int) -> str:
    return _LETTERS[at % len(_LETTERS)]


def _painted(text: str, at: int, *, colour: bool) -> str:
    return f"\x1b[{_CODES[COLOURS[at % len(COLOURS)]]}m{text}\x1b[0m" if colour else text


def _points(chart: Points, width: int, height: int, *, colour: bool) -> Iterator[str]:
    names = list(dict.fromkeys(map(str, chart.x)))
    x = [
        float(one) if chart.is_numeric and isinstance(one, int | float) else names.index(str(one))
        for one in chart.x
    ]
    is_log = chart.is_numeric and "x" in chart.log
    frame = _Frame(
        scale_of(x, is_log=is_log), scale_of(chart.y, is_log="y" in chart.log), width, height
    )
    front = [(x[at], chart.y[at]) for at in chart.front]
    if front:
        shade = COLOURS[1] if colour else None
        frame.line(Curve("", *map(list, zip(*front, strict=True))), shade)
    frame.marks(zip(x, chart.y, strict=True), COLOURS[0] if colour else None)
    yield from frame.text(chart.x_label)
    if not chart.is_numeric:
        yield f"{harmless(chart.x_label)}: {', '.join(map(harmless, names))}"
    if front:
        best = ", ".join(harmless(chart.labels[at]) for at in chart.front)
        yield _painted(f"front: {best}", 1, colour=colour)


class _Frame:
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


def _matrix(chart: Matrix) -> Iterator[str]:
    cells = [[number_text(one) for one in row] for row in chart.counts]
    heads = [harmless(one) for one in chart.predicted]
    sides = [harmless(one) for one in chart.actual]
    widths = [
        max(text_width(head), *(len(row[at]) for row in cells)) for at, head in enumerate(heads)
    ]
    margin = max(map(text_width, [*sides, "actual"]))
    yield f"{'':{margin}}   predicted"
    yield _row("actual", heads, margin, widths)
    for side, row in zip(sides, cells, strict=True):
        yield _row(side, row, margin, widths)


def _row(side: str, cells: Sequence[str], margin: int, widths: Sequence[int]) -> str:
    padded = (
        f"{' ' * (wide - text_width(cell))}{cell}" for cell, wide in zip(cells, widths, strict=True)
    )
    return f"{side}{' ' * (margin - text_width(side))}   {'   '.join(padded)}"


_STEPS = "▁▂▃▄▅▆▇█"


def _parallel(chart: Parallel) -> Iterator[str]:
    """Yield a row for each run with a bar for how high its value stands on each axis."""
    columns = [
        [harmless(axis.name), *map(_standing, axis.values, places(axis.values))]
        for axis in chart.axes
    ]
    labels = ["", *map(harmless, chart.labels)]
    widths = [max(map(text_width, column)) for column in (labels, *columns)]
    for row in zip(labels, *columns, strict=True):
        yield "   ".join(_left(cell, wide) for cell, wide in zip(row, widths, strict=True))


def _left(text: str, width: int) -> str:
    return f"{text}{' ' * (width - text_width(text))}"


def _standing(value: Scalar, place: float | None) -> str:
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, str | bool):
        return harmless(str(value))
    step = " " if place is None else _STEPS[round(place * (len(_STEPS) - 1))]
    return f"{step} {number_text(value)}"
