"""Curves, with bands of their repeats and what smoothing has hidden."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.model.text import harmless
from gitexp.plots.chart import Lines, Log
from gitexp.plots.smoothing import thinned
from gitexp.plots.vega.parts import PALETTE, Spec, axis, layer, shown, unique

_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
"""For the next curves in the same colours."""


def lines(chart: Lines) -> Spec:
    curves = [thinned(one) for one in chart.curves]
    labels = unique([harmless(one.label) for one in curves])
    rows, raw, bands = [], [], []
    for label, curve in zip(labels, curves, strict=True):
        rows += [_row(x, y, label, chart.log) for x, y in zip(curve.x, curve.y, strict=True)]
        raw += [_row(x, y, label, chart.log) for x, y in zip(curve.x, curve.raw, strict=False)]
        bands += [
            _row(x, low, label, chart.log) | {"y2": shown(high, is_log="y" in chart.log)}
            for x, low, high in zip(curve.x, curve.low, curve.high, strict=False)
        ]
    shared: Spec = {
        "x": axis(chart.x_label, chart.log, "x"),
        "y": axis(chart.y_label, chart.log, "y"),
        "color": _colours(labels),
    }
    if len(labels) > len(PALETTE):
        shared["strokeDash"] = _dashes(labels)
    line: Spec = {"type": "line", "strokeWidth": 1.8, "point": chart.dots or _are_short(chart)}
    layers: list[Spec] = []
    if bands:
        layers.append(
            layer({"type": "area", "opacity": 0.2}, bands) | {"encoding": {"y2": {"field": "y2"}}}
        )
    if raw:
        layers.append(layer({"type": "line", "strokeWidth": 1, "opacity": 0.3}, raw))
    layers.append(layer(line, rows))
    return {"layer": layers, "encoding": shared}


def _are_short(chart: Lines) -> bool:
    """Return whether some curve is a single point, which has no line."""
    return any(len(one.x) == 1 for one in chart.curves)


def _row(x: float, y: float, label: str, log: Log) -> Spec:
    return {
        "x": shown(x, is_log="x" in log),
        "y": shown(y, is_log="y" in log),
        "run": label,
    }


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
