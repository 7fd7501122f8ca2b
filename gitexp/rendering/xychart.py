"""How a metric moved, as a mermaid chart, which GitHub and GitLab draw themselves.

Nothing but numbers stands in it, so that no name can be more than a name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_LOOK = (
    '%%{init: {"xyChart": {"height": 240}, '
    '"themeVariables": {"xyChart": {"plotColorPalette": "#0969da, #8c959f"}}}}%%'
)
"""Mermaid's own first colour can hardly be seen on white; these can, on black as well."""
_LABELS = 20
_MARGIN = 0.08
"""Which part of its span a chart leaves free above and below."""
_DECIMALS = 3
"""Of steps."""
_PLAIN = range(-3, 6)
"""The powers of ten that are written out; mermaid reads no exponents."""


def xychart(
    values: Sequence[float],
    level: float | None = None,
    *,
    other: Sequence[float] = (),
    span: tuple[float, float] | None = None,
) -> tuple[str, int]:
    """Return the chart of two values or more, and the power of ten that its axis is in.

    A level is drawn as a straight line, other values of the same number as another one. Values
    go over a span, or are counted.

    >>> print(xychart([0.5, 0.75], level=0.5)[0].partition("\\n")[2])
    xychart-beta
        x-axis [1, 2]
        y-axis 0.48 --> 0.77
        line [0.5, 0.75]
        line [0.5, 0.5]
    """
    second = [level] * len(values) if level is not None else list(other)
    power = _power([*values, *second])
    scaled = [_scaled(value, power) for value in values]
    line = [_scaled(value, power) for value in second]
    low, high = _span([*scaled, *line])
    digits = _digits(high - low)
    lines = [
        _LOOK,
        "xychart-beta",
        f"    x-axis {_places(len(values)) if span is None else _steps(*span)}",
        f"    y-axis {_text(low, digits)} --> {_text(high, digits)}",
        f"    line [{', '.join(_text(value, digits) for value in scaled)}]",
    ]
    if line:
        lines.append(f"    line [{', '.join(_text(value, digits) for value in line)}]")
    return "\n".join(lines), power


def _places(count: int) -> str:
    """Return the numbers of the runs: each, as long as there is room, else from first to last."""
    if count > _LABELS:
        return f"1 --> {count}"
    return f"[{', '.join(map(str, range(1, count + 1)))}]"


def _steps(first: float, last: float) -> str:
    return f"{_text(first, _DECIMALS)} --> {_text(last, _DECIMALS)}"


def _power(values: Sequence[float]) -> int:
    largest = max(map(abs, values))
    power = math.floor(math.log10(largest)) if largest else 0
    return 0 if power in _PLAIN else power


def _scaled(value: float, power: int) -> float:
    return float(_shifted(value, power)) if power and value else value


def _shifted(value: float, power: int) -> str:
    """Move the point in the text of a number: not all of them can be divided by 10 to the 308th."""
    digits, _, exponent = f"{value:.12e}".partition("e")
    return f"{digits}e{int(exponent) - power}"


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return low - margin, high + margin


def _digits(span: float) -> int:
    """Return how many digits behind the point show a thousandth of the span."""
    return min(15, max(3, 3 - math.floor(math.log10(span))))


def _text(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
