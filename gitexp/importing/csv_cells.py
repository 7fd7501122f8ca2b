"""What the cells of a table of runs say: values, moments and durations."""

from __future__ import annotations

import contextlib
import math
import re
from datetime import datetime, timezone

from gitexp.metrics.tables import value_in
from gitexp.model.record import parse_time
from gitexp.model.values import Value, is_number, loads

_PADDED = re.compile(r"[+-]?0\d+(?:[.eE].*)?")
"""A number of something, which is none to reckon with."""
_MILLISECONDS = 1e11
"""Seconds that would be in the year 5138: a larger number counts milliseconds."""
_MONTHS = 12
_EARLY = 1e8
"""Seconds of 1973, before which nothing was run that anybody imports."""
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0, "sec": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(days?|d|hours?|h|minutes?|mins?|m|seconds?|secs?|s|ms)\b")
_CLOCK = re.compile(r"(\d+):(\d{2}):(\d{2}(?:\.\d+)?)")


def value_of_cell(text: str) -> Value:
    """Return a value: a number, a truth, a list or mapping in JSON, or else the text.

    >>> value_of_cell("1e-3"), value_of_cell("[1, 2]"), value_of_cell("null"), value_of_cell("007")
    (0.001, [1, 2], None, '007')
    >>> [value_of_cell(one) for one in ("007.0", "-00.5", "00e3", "0.5", "0", "0e3")]
    ['007.0', '-00.5', '00e3', 0.5, 0, 0.0]
    """
    if _PADDED.fullmatch(text):
        return text
    if text in ("null", "None"):
        return None
    if text[:1] in ("[", "{"):
        with contextlib.suppress(ValueError):
            return loads(text)
    return value_in(text)


def moment_in(text: str) -> float | None:
    """Return a moment as seconds since 1970; without a zone, it is one of UTC.

    None for what may be another moment: `20260102` is a date to people, and 1970 in seconds.

    >>> moment_in("2026-01-02T03:04:05Z"), moment_in("2026-01-02 03:04:05"), moment_in("soon")
    (1767323045.0, 1767323045.0, None)
    >>> moment_in("1767323045000"), moment_in("20260102")
    (1767323045.0, None)
    >>> moment_in("01/13/2026 00:00:00"), moment_in("02/03/2026 00:00:00")
    (1768262400.0, None)
    """
    number = value_in(text)
    if is_number(number):
        if not math.isfinite(number) or abs(number) < _EARLY:
            return None
        return number / 1000 if abs(number) > _MILLISECONDS else float(number)
    with contextlib.suppress(ValueError, OverflowError):
        moment = parse_time(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.timestamp()
    with contextlib.suppress(ValueError):
        moment = datetime.strptime(text, "%m/%d/%Y %H:%M:%S").replace(tzinfo=timezone.utc)
        is_plain = moment.day > _MONTHS or moment.day == moment.month  # else it may be day/month
        return moment.timestamp() if is_plain else None
    return None


def seconds_in(text: str) -> float | None:
    """Return how long something took.

    >>> seconds_in("3.5"), seconds_in("2m 5s"), seconds_in("1:00:01"), seconds_in("1.5min")
    (3.5, 125.0, 3601.0, 90.0)
    """
    number = value_in(text)
    if is_number(number):
        return float(number) if math.isfinite(number) and number >= 0 else None
    clock = _CLOCK.fullmatch(text.strip())
    if clock:
        return float(clock[1]) * 3600 + float(clock[2]) * 60 + float(clock[3])
    parts = _PART.findall(text)
    return sum(float(much) * _unit(unit) for much, unit in parts) if parts else None


def _unit(unit: str) -> float:
    plain = unit.removesuffix("s") if len(unit) > 2 else unit  # noqa: PLR2004 - `ms` is one
    return _UNITS.get(plain) or _UNITS[plain[0]]
