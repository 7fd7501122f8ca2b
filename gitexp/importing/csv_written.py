"""How the times of a column are written: the formats that can fit all of them."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Sequence
from datetime import datetime

from gitexp.errors import GitexpError
from gitexp.importing.csv_cells import moment_in
from gitexp.model.text import harmless

_NONE = frozenset({"nan", "nat", "none", "null", "n/a", "na", "-"})
"""What stands in a table for no time."""
_TIME = r"(?P<gap>, | |T)\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<half> ?[AaPp][Mm])?"
_NUMBERS = re.compile(
    rf"(?P<first>\d{{4}}|\d{{1,2}})(?P<sign>[/.-]?)\d{{1,2}}(?P=sign)(?P<last>\d{{4}}|\d{{1,2}})(?:{_TIME})?"
)
_WORDS = re.compile(rf"(?P<day>(?=.*[A-Za-z]{{3}})[\w-]+(?:[ ]\w+(?:,? \d{{4}})?)?)(?:{_TIME})?")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%Y")
_YEAR = 4
"""Digits of a year that nobody takes for a day."""


class Times:
    """The times of a table, as far as they need somebody to say how they are written."""

    def __init__(self) -> None:
        self._first: tuple[int, str, str] | None = None
        self._ways: dict[str, dict[str, list[str]]] = {}
        """By the kind of date, the orders that fit, with what is to be added for the hours."""
        self._unread: set[str] = set()

    def add(self, line: int, role: str, text: str) -> None:
        """Take in what a cell says."""
        if not text or text.lower() in _NONE:
            return
        is_read = moment_in(text) is not None
        if is_read and (text[:_YEAR].isdigit() or "/" not in text):
            return  # seconds, or ISO 8601
        kind, orders, clock = _orders(text)
        fitting = [one for one in orders if _fits(text, one + clock)]
        known = self._ways.setdefault(kind, {one: [] for one in orders})
        for order in [*known]:
            if order not in fitting:
                del known[order]
            elif clock not in known[order]:
                known[order].append(clock)
        if not is_read:
            self._unread.add(kind)
            self._first = self._first or (line, role, text)

    def check(self, file: str) -> None:
        """Raise GitexpError if there are times that cannot be read; say what may read them."""
        if self._first is None:
            return
        line, role, text = self._first
        ways = {kind: _options(self._ways[kind]) for kind in sorted(self._unread)}
        several = any(len(options) > 1 for options in ways.values())
        kind, _, _ = _orders(text)
        why = (
            "may mean two days" if len(ways[kind]) > 1 else "cannot be read without `--date-format`"
        )
        said = "; and ".join(" or ".join(options) for options in ways.values() if options)
        which = "says which is the day" if several else "reads it"
        how = f"{said} {which}" if said else "`--date-format` says how it is written"
        raise GitexpError(
            f"'{file}' has in line {line} the time '{harmless(text)}' ({role}), which {why}",
            hint=f"{how}; `--started ''` imports without times, by the date of the file.",
        )


def _options(orders: dict[str, list[str]]) -> list[str]:
    """Return what is to be given, for each order of day, month and year that fits all."""
    if any("%b" in one for one in orders):
        orders = dict([*orders.items()][:1])  # May, in full and in short
    return [
        f"`{' '.join(f'--date-format {shlex.quote(order + clock)}' for clock in clocks)}`"
        for order, clocks in orders.items()
    ]


def _orders(text: str) -> tuple[str, Sequence[str], str]:
    """Return what kind of date a text is, the formats that its day may have, and that of its hours.

    >>> _orders("04/05/2024 10:30")
    ('/year last', ['%d/%m/%Y', '%m/%d/%Y'], ' %H:%M')
    """
    found = _NUMBERS.fullmatch(text)
    if found is None:
        words = _WORDS.fullmatch(text)
        return ("words", _NAMED, _clock(words)) if words else ("", (), "")
    sign, first, last = found["sign"], found["first"], found["last"]
    if len(first) == _YEAR:
        return f"{sign}year first", [sign.join(("%Y", "%m", "%d"))], _clock(found)
    year = "%Y" if len(last) == _YEAR else "%y"
    parts = [("%d", "%m", year), ("%m", "%d", year)]
    if year == "%y":
        parts.append((year, "%m", "%d"))
    return f"{sign}year last", [sign.join(one) for one in parts], _clock(found)


def _clock(found: re.Match[str]) -> str:
    if not found["gap"]:
        return ""
    half = found["half"] or ""
    hours = f"{'%I' if half else '%H'}:%M{':%S' if found['seconds'] else ''}"
    return f"{found['gap']}{hours}{' %p' if half[:1] == ' ' else '%p' if half else ''}"


def _fits(text: str, form: str) -> bool:
    with contextlib.suppress(ValueError):
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it is one
        return True
    return False
