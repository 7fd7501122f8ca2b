"""What the processes of a run used of their machine while it went on, in rows and in sum."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import DecodeError, Struct, json

FILE = "system.jsonl"
"""In the folder of a run under way: a line for each row."""
CPU, MEMORY, READ, WRITTEN = "cpu", "memory", "read", "written"
"""Cores that were busy; bytes; bytes a second."""
_FIRST, _SHARE = 1.0, 25
"""A row is of a second, later of the 25th part of what went before: a day has 230 of them."""
_DIGITS = 4
"""Significant digits of what is kept: these are samples."""


class Usage(Struct, frozen=True):
    """How much of one thing was used, of as many as the machine has."""

    mean: float
    """Over the time that was looked at."""
    peak: float


class Row(Struct, frozen=True, omit_defaults=True):
    """A stretch of time."""

    at: float
    """When it ended: seconds since the command started."""
    seconds: float
    means: Mapping[str, float] = {}
    peaks: Mapping[str, float] = {}
    """Only of what is not as much throughout as on average."""


def row_length(elapsed: float) -> float:
    """Return how many seconds a row is of that begins so long after the start.

    >>> row_length(3), row_length(3600)
    (1.0, 144.0)
    """
    return max(_FIRST, elapsed / _SHARE)


def in_order(names: Iterable[str]) -> list[str]:
    """Return what is used in the order in which people ask for it."""
    asked = (CPU, MEMORY, READ, WRITTEN)
    return sorted(names, key=lambda one: (asked.index(one) if one in asked else len(asked), one))


def rounded(value: float) -> float:
    """Return a value as it is kept.

    >>> rounded(1.234567), rounded(8123456789), rounded(0.0)
    (1.235, 8123000000, 0)
    """
    if not value or not math.isfinite(value):
        return 0
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short


def summed_up(rows: Sequence[Row]) -> dict[str, Usage]:
    """Return the mean over all rows, by their length, and the highest peak of each thing.

    >>> summed_up([Row(1, 1, {"cpu": 1}), Row(4, 3, {"cpu": 2}, {"cpu": 5})])
    {'cpu': Usage(mean=1.75, peak=5)}
    """
    found = {}
    for name in dict.fromkeys(name for row in rows for name in row.means):
        those = [row for row in rows if name in row.means]
        whole = sum(row.seconds for row in those)
        if whole <= 0:
            continue
        mean = math.fsum(row.means[name] * row.seconds for row in those) / whole
        peak = max(row.peaks.get(name, row.means[name]) for row in those)
        found[name] = Usage(rounded(mean), rounded(peak))
    return found


def rows_in(content: bytes) -> list[Row]:
    """Return the rows that a process wrote while a run went on; half a line is passed over."""
    return list(_rows(content.splitlines()))


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    for line in lines:
        try:
            yield json.decode(line, type=Row)
        except DecodeError:
            continue


def line_of(row: Row) -> bytes:
    """Return a row as a line."""
    return json.encode(row) + b"\n"
