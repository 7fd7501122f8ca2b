"""A point for each run, with those on the front joined."""

from __future__ import annotations

from gitexp.model.text import harmless
from gitexp.plots.chart import Points
from gitexp.plots.standing import one_a_place
from gitexp.plots.vega.parts import PALETTE, Spec, axis, layer, shown


def points(chart: Points) -> Spec:
    kind = "quantitative" if chart.is_numeric else "nominal"
    is_log = chart.is_numeric and "x" in chart.log
    rows = [
        {
            "x": shown(float(x), is_log=is_log)
            if chart.is_numeric and isinstance(x, int | float)
            else harmless(str(x)),
            "y": shown(y, is_log="y" in chart.log),
            "run": harmless(label),
            "front": at in chart.front,
        }
        for at, (x, y, label) in enumerate(zip(chart.x, chart.y, chart.labels, strict=True))
    ]
    x_axis = axis(chart.x_label, chart.log, "x", kind)
    if kind == "nominal":
        x_axis["sort"] = None
    shared = {"x": x_axis, "y": axis(chart.y_label, chart.log, "y")}
    shades: Spec = {"condition": {"test": "datum.front", "value": PALETTE[1]}, "value": PALETTE[0]}
    layers: list[Spec] = []
    if chart.front:
        front = [rows[at] | {"order": place} for place, at in enumerate(chart.front)]
        layers.append(
            layer({"type": "line", "color": PALETTE[1], "strokeWidth": 1.5}, front)
            | {"encoding": {"order": {"field": "order"}}}
        )
        layers.append(
            layer({"type": "text", "dy": -10, "fontSize": 11, "limit": 150}, one_a_place(front))
            | {"encoding": {"text": {"field": "run"}}}
        )
    layers.append(
        layer({"type": "circle", "size": 60, "opacity": 0.85}, rows)
        | {"encoding": {"color": shades}}
    )
    return {"layer": layers, "encoding": shared}
