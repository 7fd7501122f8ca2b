"""Times and durations as people say them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

from msgspec import Struct

_SECONDS = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86400),
    **dict.fromkeys(("month", "months"), 30 * 86400),
    **dict.fromkeys(("y", "year", "years"), 365 * 86400),
}
_UNIT = "|".join(sorted(_SECONDS, key=len, reverse=True))
_AMOUNT = r"[0-9][0-9_]*(?:\.[0-9]+)?"
DURATION = rf"(?:{_AMOUNT}[ ]*(?:{_UNIT})(?![^\W\d_])[ ]*)*{_AMOUNT}[ ]*(?:{_UNIT})\b"
"""A pattern of '1h30m', '90 s' and '2 days'."""
DATE = (
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:[ ]?(?:[Zz]|UTC|[+-]\d{2}:?\d{2}))?)?\b"
)
"""A pattern of a date, with the time and the zone if they are said."""

_PART = rf"({_AMOUNT})[ ]*({_UNIT})(?![^\W\d_])"
_AGO = rf"(?:(?P<span>{DURATION})|an?[ ](?P<one>{_UNIT}))[ ]ago"
_LAST = rf"(?:the[ ])?last[ ](?:(?P<span>{DURATION})|(?P<one>{_UNIT}))"
_MOMENT = (
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d+)?)?"
    r"(?:[ ]?(?P<zone>Z|UTC|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})))?)?"
)
_FLAGS = re.IGNORECASE | re.ASCII  # all are compiled when they are needed: that takes a while
_DAYS = {"today": 0, "yesterday": -1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Span(Struct, frozen=True):
    """The time that words name: a day, a minute, or, if start is end, a moment; in UTC."""

    start: datetime
    end: datetime
    exact: bool = True
    """Whether anything can be equal to it; nothing happens exactly two days ago."""


def duration(text: str) -> float | None:
    """Return how many seconds a text such as '1h30m' means.

    >>> duration("1h30m"), duration("500 ms"), duration("2 days"), duration("soon")
    (5400, 0.5, 172800, None)
    """
    text = " ".join(text.split())
    if not re.fullmatch(DURATION, text, _FLAGS):
        return None
    parts = re.findall(_PART, text, _FLAGS)
    total = sum(_number(amount) * _SECONDS[unit.lower()] for amount, unit in parts)
    return int(total) if total == int(total) else round(total, 6)


def _number(text: str) -> float:
    digits = text.replace("_", "")
    return float(digits) if "." in digits else int(digits)


def span(text: str, now: datetime, zone: tzinfo | None) -> Span | None:
    """Return the time that a text names, as told at `now` in the zone, or in this machine's.

    Raises `ValueError` or `OverflowError` for a time that no calendar has.

    >>> span("an hour ago", datetime(2026, 11, 1, 12, tzinfo=timezone.utc), None).start.hour
    11
    """
    words = " ".join(text.lower().split())
    if words in _DAYS:
        return _day(now, _DAYS[words], zone)
    if words in _WEEKDAYS:
        today = now.astimezone(zone).weekday()
        return _day(now, -((today - _WEEKDAYS.index(words)) % 7 or 7), zone)
    if words == "now":
        return _moment(now)
    match = re.fullmatch(_AGO, words, _FLAGS) or re.fullmatch(_LAST, words, _FLAGS)
    if match:
        seconds = duration(match["span"]) if match["span"] else _SECONDS[match["one"]]
        return _moment(now - timedelta(seconds=seconds or 0))
    found = re.fullmatch(_MOMENT, words, _FLAGS)
    return _calendar_span(found, zone) if found else None


def _moment(when: datetime) -> Span:
    utc = when.astimezone(timezone.utc)
    return Span(utc, utc, exact=False)


def _day(now: datetime, days: int, zone: tzinfo | None) -> Span:
    first = now.astimezone(zone).replace(
        tzinfo=None, hour=0, minute=0, second=0, microsecond=0
    ) + timedelta(days=days)
    return Span(_local(first, zone), _local(first + timedelta(days=1), zone))


def _calendar_span(match: re.Match[str], zone: tzinfo | None) -> Span:
    first = datetime.fromisoformat(match["date"])
    length = timedelta(days=1)
    if match["hour"]:
        length = timedelta(seconds=1) if match["second"] else timedelta(minutes=1)
        first = first.replace(
            hour=int(match["hour"]),
            minute=int(match["minute"]),
            second=int(match["second"] or 0),
            microsecond=int((match["fraction"] or ".")[1:4].ljust(3, "0")) * 1000,
        )
    if match["fraction"]:
        length = timedelta()
    zone = _zone(match) or zone
    return Span(_local(first, zone), _local(first + length, zone))


def _zone(match: re.Match[str]) -> tzinfo | None:
    if not match["sign"]:
        return timezone.utc if match["zone"] else None
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return timezone(offset if match["sign"] == "+" else -offset)


def _local(naive: datetime, zone: tzinfo | None) -> datetime:
    """Return a time of the wall clock as a moment."""
    return (naive.replace(tzinfo=zone) if zone else naive).astimezone(timezone.utc)
