"""A chart as Vega-Lite draws it, and the look that all charts have."""

from __future__ import annotations

from gitexp.model.text import harmless
from gitexp.plots.chart import Chart, Given, Images, Lines, Matrix, Parallel, Points
from gitexp.plots.vega.lines import lines
from gitexp.plots.vega.matrix import matrix
from gitexp.plots.vega.parallel import parallel
from gitexp.plots.vega.parts import PALETTE, WIDTH, Spec
from gitexp.plots.vega.points import points

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_HEIGHT = 260
_LONGEST_LABEL = 330

CONFIG: Spec = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "range": {"category": list(PALETTE)},
    "title": {"color": "currentColor", "subtitleColor": "currentColor", "fontSize": 15}
    | {"subtitleFontSize": 12, "anchor": "start"},
    "axis": {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
    | {"titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#888", "gridOpacity": 0.25}
    | {"domainColor": "#888", "tickColor": "#888"},
    "legend": {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
    | {"labelLimit": _LONGEST_LABEL, "titleFontWeight": "normal"},
    "header": {"labelColor": "currentColor", "titleColor": "currentColor"},
    "text": {"color": "currentColor"},
}
"""The look; colours of text are those of the page, so that it suits light and dark."""


def vega_lite(chart: Chart) -> Spec:
    """Return what Vega-Lite draws; pictures are not for it."""
    match chart:
        case Lines():
            return _framed(chart.title, chart.note, lines(chart))
        case Points():
            return _framed(chart.title, chart.note, points(chart))
        case Parallel():
            return _framed(chart.title, chart.caption, parallel(chart))
        case Matrix():
            return _framed(chart.title, chart.note, matrix(chart))
        case Given():
            return dict(chart.spec)
        case Images():
            raise ValueError("images are drawn already")


def _framed(title: str, note: str, body: Spec) -> Spec:
    told: Spec = {"text": harmless(title)}
    if note:
        told["subtitle"] = harmless(note)
    return {"$schema": _SCHEMA, "title": told, "width": WIDTH, "height": _HEIGHT, **body}
