"""Charts as Vega-Lite specifications.

Names and values of a project stand in data and titles alone, never where Vega-Lite reads
expressions or the names of fields.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from gitexp.model.text import harmless
from gitexp.plots.chart import Chart, Given, Images, Lines, Log, Matrix, Parallel, Points
from gitexp.plots.smoothing import thinned
from gitexp.plots.standing import one_a_place, places, ticks

Spec: TypeAlias = dict[str, Any]

PALETTE = (
    *("#3b82f6", "#e0641b", "#16a34a", "#a855f7", "#dc2626"),
    *("#0e93ad", "#db2777", "#7d8590"),
)
"""Told apart on white and on black, where each has a contrast of 3 at least."""
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
"""For the next curves in the same colours."""
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH, _HEIGHT = 420, 260
_LONGEST_LABEL = 330

_COUNTED = ("step", "run")
"""What there is no half of."""

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
            return _framed(chart.title, chart.note, _lines(chart))
        case Points():
            return _framed(chart.title, chart.note, _points(chart))
        case Parallel():
            return _framed(chart.title, chart.caption, _parallel(chart))
        case Matrix():
            return _framed(chart.title, chart.note, _matrix(chart))
        case Given():
            return dict(chart.spec)
        case Images():
            raise ValueError("images are drawn already")


def _framed(title: str, note: str, body: Spec) -> Spec:
    told: Spec = {"text": harmless(title)}
    if note:
        told["subtitle"] = harmless(note)
    return {"$schema": _SCHEMA, "title": told, "width": _WIDTH, "height": _HEIGHT, **body}


def _axis(title: str, log: Log, letter: str, kind: str = "quantitative") -> Spec:
    scale: Spec = {"zero": False} if kind == "quantitative" else {}
    if letter in log and kind == "quantitative":
        scale = {"type": "log"}
    found = {"field": letter, "type": kind, "title": harmless(title), "scale": scale}
    return found | ({"axis": {"tickMinStep": 1}} if title in _COUNTED else {})


def _lines(chart: Lines) -> Spec:
    curves = [thinned(one) for one in chart.curves]
    labels = _unique([harmless(one.label) for one in curves])
    rows, raw, bands = [], [], []
    for label, curve in zip(labels, curves, strict=True):
        rows += [_row(x, y, label, chart.log) for x, y in zip(curve.x, curve.y, strict=True)]
        raw += [_row(x, y, label, chart.log) for x, y in zip(curve.x, curve.raw, strict=False)]
        bands += [
            _row(x, low, label, chart.log) | {"y2": _shown(high, is_log="y" in chart.log)}
            for x, low, high in zip(curve.x, curve.low, curve.high, strict=False)
        ]
    shared: Spec = {
        "x": _axis(chart.x_label, chart.log, "x"),
        "y": _axis(chart.y_label, chart.log, "y"),
        "color": _colours(labels),
    }
    if len(labels) > len(PALETTE):
        shared["strokeDash"] = _dashes(labels)
    line: Spec = {"type": "line", "strokeWidth": 1.8, "point": chart.dots or _are_short(chart)}
    layers: list[Spec] = []
    if bands:
        layers.append(
            _layer({"type": "area", "opacity": 0.2}, bands) | {"encoding": {"y2": {"field": "y2"}}}
        )
    if raw:
        layers.append(_layer({"type": "line", "strokeWidth": 1, "opacity": 0.3}, raw))
    layers.append(_layer(line, rows))
    return {"layer": layers, "encoding": shared}


def _are_short(chart: Lines) -> bool:
    """Return whether some curve is a single point, which has no line."""
    return any(len(one.x) == 1 for one in chart.curves)


def _layer(mark: Spec, rows: list[Spec]) -> Spec:
    return {"mark": mark, "data": {"values": rows}}


def _row(x: float, y: float, label: str, log: Log) -> Spec:
    return {
        "x": _shown(x, is_log="x" in log),
        "y": _shown(y, is_log="y" in log),
        "run": label,
    }


def _shown(value: float, *, is_log: bool) -> float | None:
    """Return a number that JSON and the axis have; null is a gap."""
    return value if math.isfinite(value) and not (is_log and value <= 0) else None


def _unique(labels: Sequence[str]) -> list[str]:
    """Return labels that tell curves apart even where runs have one name."""
    times: dict[str, int] = {}
    found = []
    for label in labels:
        times[label] = times.get(label, 0) + 1
        found.append(label if times[label] == 1 else f"{label} ({times[label]})")
    return found


def _colours(labels: Sequence[str]) -> Spec:
    chosen = [PALETTE[at % len(PALETTE)] for at in range(len(labels))]
    legend: Spec = {
        "title": None,
        "orient": "bottom",
        "columns": _columns(labels),
        "symbolType": "stroke",
    }
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": list(labels), "range": chosen},
        "legend": legend | {"symbolStrokeWidth": 3, "symbolOpacity": 1},
    }


def _columns(labels: Sequence[str]) -> int:
    longest = max(map(len, labels), default=1)
    return max(1, min(4, 56 // (longest + 4)))


def _dashes(labels: Sequence[str]) -> Spec:
    chosen = [_DASHES[at // len(PALETTE) % len(_DASHES)] for at in range(len(labels))]
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": list(labels), "range": chosen},
        "legend": {"title": None, "orient": "bottom", "columns": _columns(labels)},
    }


def _points(chart: Points) -> Spec:
    kind = "quantitative" if chart.is_numeric else "nominal"
    is_log = chart.is_numeric and "x" in chart.log
    rows = [
        {
            "x": _shown(float(x), is_log=is_log)
            if chart.is_numeric and isinstance(x, int | float)
            else harmless(str(x)),
            "y": _shown(y, is_log="y" in chart.log),
            "run": harmless(label),
            "front": at in chart.front,
        }
        for at, (x, y, label) in enumerate(zip(chart.x, chart.y, chart.labels, strict=True))
    ]
    x_axis = _axis(chart.x_label, chart.log, "x", kind)
    if kind == "nominal":
        x_axis["sort"] = None
    shared = {"x": x_axis, "y": _axis(chart.y_label, chart.log, "y")}
    shades: Spec = {"condition": {"test": "datum.front", "value": PALETTE[1]}, "value": PALETTE[0]}
    layers: list[Spec] = []
    if chart.front:
        front = [rows[at] | {"order": place} for place, at in enumerate(chart.front)]
        layers.append(
            _layer({"type": "line", "color": PALETTE[1], "strokeWidth": 1.5}, front)
            | {"encoding": {"order": {"field": "order"}}}
        )
        layers.append(
            _layer({"type": "text", "dy": -10, "fontSize": 11, "limit": 150}, one_a_place(front))
            | {"encoding": {"text": {"field": "run"}}}
        )
    layers.append(
        _layer({"type": "circle", "size": 60, "opacity": 0.85}, rows)
        | {"encoding": {"color": shades}}
    )
    return {"layer": layers, "encoding": shared}


def _matrix(chart: Matrix) -> Spec:
    actual, predicted = list(map(harmless, chart.actual)), list(map(harmless, chart.predicted))
    rows = [
        {"actual": side, "predicted": head, "count": count, "share": count / (sum(counts) or 1)}
        for side, counts in zip(actual, chart.counts, strict=True)
        for head, count in zip(predicted, counts, strict=True)
    ]
    place = {"axis": {"grid": False, "domain": False, "labelAngle": 0}, "type": "nominal"}
    return {
        "height": {"step": 40},
        "width": {"step": 56},
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "predicted", "sort": predicted, **place},
            "y": {"field": "actual", "sort": actual, **place},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "#888", "strokeOpacity": 0.4},
                "encoding": {
                    "color": {"value": PALETTE[0]},
                    "opacity": {
                        "field": "share",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1], "range": [0.05, 0.6]},
                        "legend": None,
                    },
                },
            },
            {"mark": {"type": "text", "fontSize": 13}, "encoding": {"text": {"field": "count"}}},
        ],
    }


def _parallel(chart: Parallel) -> Spec:
    """Return axes from 0 to 1, each with the numbers or texts that stand at its places."""
    names = _unique([harmless(axis.name) for axis in chart.axes])
    labels = _unique(list(map(harmless, chart.labels)))
    last = places(chart.axes[-1].values)
    rows = [
        {"axis": name, "place": place, "run": label, "last": shade}
        for name, axis in zip(names, chart.axes, strict=True)
        for label, place, shade in zip(labels, places(axis.values), last, strict=True)
    ]
    beside = [
        {"axis": name, "place": place, "text": text}
        for name, axis in zip(names, chart.axes, strict=True)
        for place, text in ticks(axis.values)
    ]
    line = _layer({"type": "line", "strokeWidth": 1.4, "opacity": 0.75}, rows)
    colour = {
        "field": "last",
        "type": "quantitative",
        "scale": {"range": ["#f59e0b", "#2563eb"]},
        "legend": None,
    }
    words: Spec = {"type": "text", "align": "left", "dx": 5, "dy": -6, "fontSize": 11, "limit": 90}
    return {
        "width": max(_WIDTH, 110 * len(names)),
        "encoding": _parallel_axes(names),
        "layer": [
            line | {"encoding": {"detail": {"field": "run"}, "color": colour}},
            _layer(words, beside) | {"encoding": {"text": {"field": "text"}}},
        ],
    }


def _parallel_axes(names: Sequence[str]) -> Spec:
    return {
        "x": {
            "field": "axis",
            "type": "nominal",
            "sort": names,
            "title": None,
            "scale": {"padding": 0.3},
            "axis": {"domain": False, "grid": True, "labelAngle": 0, "labelLimit": 110},
        },
        "y": {
            "field": "place",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [0, 1]},
        },
    }
