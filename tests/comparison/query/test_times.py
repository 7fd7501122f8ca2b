from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.comparison.query.times import Span, duration, span
from gitexp.model.record import time_text

NOW = datetime(2026, 11, 25, 12, 30, 15, 250_000, tzinfo=timezone.utc)
"""A Wednesday."""
BERLIN = ZoneInfo("Europe/Berlin")


def told(text: str, zone: tzinfo = timezone.utc) -> tuple[str, str] | None:
    found = span(text, NOW, zone)
    return (time_text(found.start), time_text(found.end)) if found else None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("90 seconds", 90),
        ("500ms", 0.5),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1 h 30 min", 5400),
        ("1H30M", 5400),
        (" 2  days ", 172_800),
        ("1_000s", 1000),
        ("1 week", 604_800),
        ("1 month", 2_592_000),
        ("1y", 31_536_000),
        ("1d2h3m4s5ms", 93_784.005),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1", "1x", "1hour30", "-1h", "1h-", "an hour", "1h ago"])
def test_what_is_no_duration(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-25T12:30:15.250Z"),
        ("2 days ago", "2026-11-23T12:30:15.250Z"),
        ("1h30m ago", "2026-11-25T11:00:15.250Z"),
        ("An Hour  Ago", "2026-11-25T11:30:15.250Z"),
        ("a week ago", "2026-11-18T12:30:15.250Z"),
        ("last week", "2026-11-18T12:30:15.250Z"),
        ("the last hour", "2026-11-25T11:30:15.250Z"),
        ("last 3 days", "2026-11-22T12:30:15.250Z"),
    ],
)
def test_a_moment_told_from_now_is_exact_for_nobody(text: str, moment: str) -> None:
    found = span(text, NOW, timezone.utc)

    assert found is not None
    assert (time_text(found.start), found.start, found.exact) == (moment, found.end, False)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-25T00:00:00.000Z", "2026-11-26T00:00:00.000Z"),
        ("Yesterday", "2026-11-24T00:00:00.000Z", "2026-11-25T00:00:00.000Z"),
        ("monday", "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"),
        ("wednesday", "2026-11-18T00:00:00.000Z", "2026-11-19T00:00:00.000Z"),
        ("thursday", "2026-11-19T00:00:00.000Z", "2026-11-20T00:00:00.000Z"),
        ("2026-11-01", "2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"),
        ("2026-11-01 9:30", "2026-11-01T09:30:00.000Z", "2026-11-01T09:31:00.000Z"),
        ("2026-11-01T12:30:05", "2026-11-01T12:30:05.000Z", "2026-11-01T12:30:06.000Z"),
        ("2026-11-01T12:30+0100", "2026-11-01T11:30:00.000Z", "2026-11-01T11:31:00.000Z"),
        ("2026-11-01 12:30 -01:30", "2026-11-01T14:00:00.000Z", "2026-11-01T14:01:00.000Z"),
        ("2026-11-01 12:30 utc", "2026-11-01T12:30:00.000Z", "2026-11-01T12:31:00.000Z"),
        ("2026-11-01T12:30:05.2899Z", "2026-11-01T12:30:05.289Z", "2026-11-01T12:30:05.289Z"),
    ],
)
def test_a_time_lasts_as_long_as_it_is_told_exactly(text: str, start: str, end: str) -> None:
    assert told(text) == (start, end)


def test_days_begin_when_they_do_in_the_zone_summer_or_winter() -> None:
    assert told("2026-07-01", BERLIN) == ("2026-06-30T22:00:00.000Z", "2026-07-01T22:00:00.000Z")
    assert told("today", BERLIN) == ("2026-11-24T23:00:00.000Z", "2026-11-25T23:00:00.000Z")
    assert told("2026-10-25", BERLIN) == ("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z")


def test_without_a_zone_days_are_those_of_this_machine() -> None:
    first = datetime(2026, 7, 1).astimezone()

    assert span("2026-07-01", NOW, None) == Span(first, first + timedelta(days=1))


@pytest.mark.parametrize("text", ["", "soon", "2026", "2026-11", "12:30", "2 days", "ago", "3 ago"])
def test_what_is_no_time(text: str) -> None:
    assert told(text) is None


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "2026-11-01 25:00", "9" * 20 + " years ago", "9999-12-31"]
)
def test_a_time_that_no_calendar_has_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        told(text)


@given(st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1)))  # noqa: DTZ001 - naive is meant
def test_a_recorded_moment_is_read_as_itself(moment: datetime) -> None:
    text = time_text(moment.replace(tzinfo=timezone.utc))

    assert told(text) == (text, text)
