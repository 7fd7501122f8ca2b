"""How a number moved, as a line of block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDEST = 80
_NOT_A_NUMBER = "?"
IN_A_CELL = 24
"""How wide one is beside other cells."""


def drawn(numbers: Sequence[float], width: int | None = None) -> str:
    """Return a character for each number; if there are too many, for each stretch of them.

    A stretch is drawn as its median; the lowest and the highest of all are always there.

    >>> drawn([1, 2, 3, 8]), drawn([5, 5, 9, 5, 5, 5, 1, 5], 4), drawn([2, 2])
    ('▁▂▃█', '▅█▅▁', '▄▄')
    """
    finite = [number for number in numbers if math.isfinite(number)]
    if not finite:
        return _NOT_A_NUMBER * min(len(numbers), width or _WIDEST)
    low, high = min(finite), max(finite)
    shown = _resampled(numbers, min(width or _WIDEST, _WIDEST), (low, high))
    return "".join(_block(number, low, high) for number in shown)


def narrower(line: str, width: int) -> str:
    """Return a line that was drawn with fewer characters, its lowest and its highest among them.

    >>> narrower("▁▂▃▄▅▆▇█", 4), narrower("▄▄▄▄", 2)
    ('▁▃▅█', '▄▄')
    """
    if len(line) <= width:
        return line
    heights = [_BLOCKS.index(one) if one in _BLOCKS else math.nan for one in line]
    finite = [height for height in heights if not math.isnan(height)]
    if not finite:
        return line[:width]
    shown = _resampled(heights, width, (min(finite), max(finite)))
    return "".join(_NOT_A_NUMBER if math.isnan(one) else _BLOCKS[int(one)] for one in shown)


def _resampled(numbers: Sequence[float], width: int, ends: tuple[float, float]) -> Sequence[float]:
    count = len(numbers)
    if count <= width:
        return numbers
    cuts = [at * count // width for at in range(width + 1)]
    return [_drawn_for(numbers[start:end], ends) for start, end in pairwise(cuts)]


def _drawn_for(stretch: Sequence[float], ends: tuple[float, float]) -> float:
    finite = sorted(filter(math.isfinite, stretch))
    if not finite:
        return math.nan
    median = finite[(len(finite) - 1) // 2]
    extremes = [number for number in ends if number in finite]
    return max(extremes, key=lambda number: abs(number / 2 - median / 2), default=median)


def _block(number: float, low: float, high: float) -> str:
    if not math.isfinite(number):
        return _NOT_A_NUMBER
    if low == high:
        return _BLOCKS[len(_BLOCKS) // 2 - 1]
    part = (number / 2 - low / 2) / (high / 2 - low / 2)
    return _BLOCKS[min(int(part * len(_BLOCKS)), len(_BLOCKS) - 1)]
