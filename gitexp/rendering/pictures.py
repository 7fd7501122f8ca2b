"""Charts as HTML: pictures that stand in the page, each with its points as a table.

A picture is the source of an `img`: so whatever stands in an SVG, it runs and loads nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from gitexp.model.numbers import counted, number_text
from gitexp.model.text import harmless
from gitexp.plots.chart import Chart, Given, Images, Lines, Matrix, Parallel, Points
from gitexp.plots.drawn import NotDrawn, NotInstalled, svg
from gitexp.plots.smoothing import thinned
from gitexp.plots.vega.spec import vega_lite
from gitexp.rendering.html import text

_ROWS = 50
"""Of the table below a picture."""
_AXES_OF_HALF = 5
"""How many parallel axes have room beside another chart."""


def figures(charts: Sequence[Chart], *, level: int = 2, lacking: str | None = None) -> str:
    """Return all charts, each under a heading; a page has room for two beside each other.

    Where the library that draws is not installed, that is raised; with `lacking`, these words
    stand in place of pictures.
    """
    if not charts:
        return ""
    shown = "".join(
        f"<section{_place(one)}>\n{_figure(one, level, lacking)}</section>\n" for one in charts
    )
    return f'<div class="charts">\n{shown}</div>\n'


def _place(chart: Chart) -> str:
    """Return the class of what takes a row of its own."""
    is_wide = isinstance(chart, Images) or (
        isinstance(chart, Parallel) and len(chart.axes) > _AXES_OF_HALF
    )
    return ' class="wide"' if is_wide else ""


def _figure(chart: Chart, level: int, lacking: str | None) -> str:
    heading = f"<h{level}>{text(chart.title)}</h{level}>\n"
    said = chart.caption if isinstance(chart, Parallel) else chart.note
    note = f"<figcaption>{text(said)}</figcaption>\n" if said else ""
    if isinstance(chart, Images):
        return f"{heading}<figure>\n{note}{_beside(chart)}</figure>\n"
    try:
        source = _data("image/svg+xml", svg([_untitled(chart)]).encode())
        drawn = f'{note}<img src="{source}" alt="{text(described(chart))}">\n'
    except NotDrawn as error:
        drawn = f"<p>{text(str(error))}</p>\n"
    except NotInstalled:
        if lacking is None:
            raise
        drawn = f"<p>{text(lacking)}</p>\n"
    return f"{heading}<figure>\n{drawn}{_values(chart)}</figure>\n"


def _untitled(chart: Chart) -> dict[str, Any]:
    """Return what is drawn below a heading, which has the title already."""
    spec = vega_lite(chart)
    return spec if isinstance(chart, Given) else {**spec, "title": None}


def _beside(chart: Images) -> str:
    cells = []
    for one in chart.images:
        source, words = _data(one.media_type, one.content), f"{chart.title} of {one.label}"
        picture = f'<img src="{source}" alt="{text(words)}">'
        cells.append(f"<div><p>{text(one.label)}</p>\n{picture}</div>\n")
    return f'<div class="beside">\n{"".join(cells)}</div>\n'


def _data(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def described(chart: Chart) -> str:
    """Return a chart in words, for those who do not see it."""
    match chart:
        case Lines():
            ends = "; ".join(_end(one.label, one.y) for one in chart.curves[:12])
            return f"{chart.y_label} over {chart.x_label}: {ends}"
        case Points():
            return f"{chart.y_label} against {chart.x_label} of {counted(len(chart.y), 'run')}"
        case Parallel():
            axes = ", ".join(one.name for one in chart.axes)
            return f"{counted(len(chart.labels), 'run')} on parallel axes: {axes}"
        case Matrix():
            return f"actual against predicted classes of {chart.title}; {chart.note}"
        case _:
            return f"{chart.title}: the points stand in the table below"


def _end(label: str, y: Sequence[float]) -> str:
    return f"{label} ends at {number_text(y[-1])}" if y else f"{label} has no values"


def _values(chart: Chart) -> str:
    """Return the points as a table that can be unfolded."""
    heads, rows = _table(chart)
    if not heads:
        return ""
    shown = list(islice(rows, _ROWS + 1))
    body = "".join(
        f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>\n" for row in shown[:_ROWS]
    )
    more = (
        "<p>More rows are left out; <code>--json</code> prints them all.</p>\n"
        if shown[_ROWS:] or _is_thinned(chart)
        else ""
    )
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in heads)
    return (
        '<details><summary>Values</summary>\n<table tabindex="0">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{more}</details>\n"
    )


def _is_thinned(chart: Chart) -> bool:
    return isinstance(chart, Lines) and any(
        len(one.x) > _points_of_each(chart) for one in chart.curves
    )


def _points_of_each(chart: Lines) -> int:
    return max(8, 2 * _ROWS // max(1, len(chart.curves)))


def _table(chart: Chart) -> tuple[list[str], Iterator[Sequence[str]]]:
    match chart:
        case Lines():
            return ["curve", chart.x_label, chart.y_label], _lines(chart)
        case Points():
            points = zip(chart.labels, chart.x, chart.y, strict=True)
            return ["run", chart.x_label, chart.y_label], (
                (a, _cell(b), _cell(c)) for a, b, c in points
            )
        case Parallel():
            columns = [one.values for one in chart.axes]
            rows = zip(chart.labels, *columns, strict=True)
            return ["run", *(one.name for one in chart.axes)], (
                [str(row[0]), *map(_cell, row[1:])] for row in rows
            )
        case Matrix():
            pairs = zip(chart.actual, chart.counts, strict=True)
            return ["actual", *chart.predicted], ([side, *map(_cell, row)] for side, row in pairs)
        case Given(rows=[first, *_]):
            heads = list(map(str, first))
            return heads, ([_cell(row.get(one)) for one in heads] for row in chart.rows)
        case _:
            return [], iter(())


def _lines(chart: Lines) -> Iterator[Sequence[str]]:
    for curve in chart.curves:
        few = thinned(curve, _points_of_each(chart))
        for x, y in zip(few.x, few.y, strict=True):
            yield curve.label, _cell(x), _cell(y)


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return "" if value is None else harmless(str(value))
