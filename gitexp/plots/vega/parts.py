"""What several kinds of charts are made of: axes, layers, numbers, labels and colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from gitexp.model.text import harmless
from gitexp.plots.chart import Log

Spec: TypeAlias = dict[str, Any]

WIDTH = 420
PALETTE = (
    *("#3b82f6", "#e0641b", "#16a34a", "#a855f7", "#dc2626"),
    *("#0e93ad", "#db2777", "#7d8590"),
)
"""Told apart on white and on black, where each has a contrast of 3 at least."""

_COUNTED = ("step", "run")
"""What there is no half of."""


def axis(title: str, log: Log, letter: str, kind: str = "quantitative") -> Spec:
    scale: Spec = {"zero": False} if kind == "quantitative" else {}
    if letter in log and kind == "quantitative":
        scale = {"type": "log"}
    found = {"field": letter, "type": kind, "title": harmless(title), "scale": scale}
    return found | ({"axis": {"tickMinStep": 1}} if title in _COUNTED else {})


def layer(mark: Spec, rows: list[Spec]) -> Spec:
    return {"mark": mark, "data": {"values": rows}}


def shown(value: float, *, is_log: bool) -> float | None:
    """Return a number that JSON and the axis have; null is a gap."""
    return value if math.isfinite(value) and not (is_log and value <= 0) else None


def unique(labels: Sequence[str]) -> list[str]:
    """Return labels that tell curves apart even where runs have one name."""
    times: dict[str, int] = {}
    found = []
    for label in labels:
        times[label] = times.get(label, 0) + 1
        found.append(label if times[label] == 1 else f"{label} ({times[label]})")
    return found
