"""Times as people write them for limits: `90s`, `15m`, `2h`, `1d`, or a number of seconds."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str) -> float | None:
    """Return the seconds that a text means; None for none, and for nothing at all.

    >>> seconds_of("15m"), seconds_of("1.5h"), seconds_of("0s")
    (900.0, 5400.0, None)
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * _SECONDS[(match[2] or "s").lower()] if match else 0
    return seconds or None
