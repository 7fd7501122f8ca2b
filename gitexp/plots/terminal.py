"""Charts as text: dots of braille in a frame, as wide as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from gitexp.model.numbers import number_text
from gitexp.model.text import harmless, text_width
from gitexp.model.values import Scalar
from gitexp.plots.chart import Chart, Curve, Given, Images, Lines, Matrix, Parallel, Points
from gitexp.plots.frame import Frame
from gitexp.plots.scale import scale_of
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
STEPPED = ("step", "seconds", "run")
"""What curves go over whose last value matters."""
_NARROWEST = 24
_POINTS_IN_A_COLUMN = 8
"""How many points of a curve are drawn in one column: two of dots, each with all its ends."""
_EMPTY = " \N{BRAILLE PATTERN BLANK}"
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
    frame = Frame(
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
    frame = Frame(
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
