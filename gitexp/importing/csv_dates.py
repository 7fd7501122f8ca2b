"""Dates in tables of runs: read as somebody says that they are written, and never guessed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import datetime, timezone

from gitexp.errors import GitexpError
from gitexp.importing.csv_cells import moment_in

_PROBE = datetime(2026, 11, 30, tzinfo=timezone.utc)
"""A day that no other order of its parts has."""


def check_format(text: str) -> str:
    """Return a format of dates in the words of strptime; raise GitexpError for any other text.

    It has to name a whole day.
    """
    with contextlib.suppress(ValueError, re.error):  # the latter for a part that is there twice
        if _parsed(_PROBE.strftime(text), text).date() == _PROBE.date():
            return text
    raise GitexpError(
        f"'{text}' is no format of dates",
        hint="Write day, month and year as strptime has them: `--date-format %d/%m/%Y`.",
    )


def moment_by(text: str, formats: Sequence[str]) -> float | None:
    """Return a moment as seconds since 1970, by the first format that fits; of UTC without a zone.

    What fits none is one if it can be one moment alone.

    >>> moment_by("04/05/2024", ["%d/%m/%Y"]), moment_by("04/05/2024", ["%m/%d/%Y"])
    (1714780800.0, 1712275200.0)
    >>> moment_by("4 May", ["%d/%m/%Y"]), moment_by("04/05/2024", [])
    (None, None)
    >>> moment_by("2024-05-04", ["%d/%m/%Y"])
    1714780800.0
    """
    for one in formats:
        with contextlib.suppress(ValueError, OverflowError):
            return _parsed(text, one).timestamp()
    return moment_in(text)


def _parsed(text: str, form: str) -> datetime:
    moment = datetime.strptime(text, form)  # noqa: DTZ007 - a zone may stand in it
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def why_no_moment(formats: Sequence[str]) -> str:
    """Return why a text is no moment, and what to do about it."""
    if formats:
        return f"is not mapped: not like {' or '.join(formats)}; `--date-format` may be repeated"
    return "is not mapped: neither like 2026-01-31T09:30 nor seconds since 1970"
