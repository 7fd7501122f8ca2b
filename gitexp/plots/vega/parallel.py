"""Params and metrics as axes beside one another, each run a line across them."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.model.text import harmless
from gitexp.plots.chart import Parallel
from gitexp.plots.standing import places, ticks
from gitexp.plots.vega.parts import WIDTH, Spec, layer, unique


def parallel(chart: Parallel) -> Spec:
    """Return axes from 0 to 1, each with the numbers or texts that stand at its places."""
    names = unique([harmless(axis.name) for axis in chart.axes])
    labels = unique(list(map(harmless, chart.labels)))
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
    line = layer({"type": "line", "strokeWidth": 1.4, "opacity": 0.75}, rows)
    colour = {
        "field": "last",
        "type": "quantitative",
        "scale": {"range": ["#f59e0b", "#2563eb"]},
        "legend": None,
    }
    words: Spec = {"type": "text", "align": "left", "dx": 5, "dy": -6, "fontSize": 11, "limit": 90}
    return {
        "width": max(WIDTH, 110 * len(names)),
        "encoding": _parallel_axes(names),
        "layer": [
            line | {"encoding": {"detail": {"field": "run"}, "color": colour}},
            layer(words, beside) | {"encoding": {"text": {"field": "text"}}},
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
