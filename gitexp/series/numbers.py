"""Numbers as short as they are exact."""

from __future__ import annotations

import math
import re

_INT = re.compile(r"[+-]?\d{1,300}")
_WHOLE = 10**15
"""Below it, a float that is whole is written without its fraction."""


def number_text(value: float) -> str:
    """Return a number in as few characters as say which one it is.

    >>> [number_text(one) for one in (0.1, 3.0, 7, 1e-05, 1e22, float("nan"), float("-inf"))]
    ['0.1', '3', '7', '1e-5', '1e22', 'nan', '-inf']
    """
    if isinstance(value, int):
        return f"{value:d}"  # also of True
    if value.is_integer() and abs(value) < _WHOLE:
        return f"{value:.0f}"
    text = repr(value)
    if "e" not in text:
        return text
    digits, _, power = text.partition("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"


def number_in(text: str) -> int | float | None:
    """Return the number that a text is; None if it is none.

    >>> number_in("3"), number_in("1e-5"), number_in("nan"), number_in(""), number_in("1_0")
    (3, 1e-05, nan, None, None)
    """
    if _INT.fullmatch(text):
        return int(text)
    try:
        return None if "_" in text or not text else float(text)
    except ValueError:
        return None


def decimals_for(length: float) -> int:
    """Return how many decimals tell moments apart in a while of so many seconds.

    >>> decimals_for(5), decimals_for(1000), decimals_for(100_000)
    (3, 1, 0)
    """
    if not length > 0 or math.isinf(length):
        return 3
    return max(0, min(3, 4 - math.ceil(math.log10(length))))
