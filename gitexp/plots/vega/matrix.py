"""How often each class was taken for which."""

from __future__ import annotations

from gitexp.model.text import harmless
from gitexp.plots.chart import Matrix
from gitexp.plots.vega.parts import PALETTE, Spec


def matrix(chart: Matrix) -> Spec:
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
