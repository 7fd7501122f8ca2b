"""What YAML scalars mean by the rules of YAML 1.2, as ruamel.yaml and so DVC reads them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.values import Scalar

TAGS = "tag:yaml.org,2002:"
"""How the tags of YAML's own types begin."""


def plain_value(text: str) -> Scalar:
    """Return what a plain scalar means.

    >>> plain_value("1e-3"), plain_value("no"), plain_value("012"), plain_value("1:30")
    (0.001, 'no', 12, '1:30')
    """
    try:
        return tagged_value(_implicit_tag(text), text)
    except ValueError:  # looks like a number or a date but is not one, such as `-_`
        return text


def tagged_value(tag: str, text: str) -> Scalar:
    """Return a scalar of a type; `KeyError` for an unknown one, `ValueError` for a misfit."""
    return _READERS[tag](text)


def short(tag: str) -> str:
    """Return a tag as people write it."""
    return tag.replace(TAGS, "!!", 1) if tag.startswith(TAGS) else tag


def _implicit_tag(text: str) -> str:
    for tag, pattern in _IMPLICIT.get(text[:1], ()):
        if pattern.fullmatch(text):
            return tag
    return f"{TAGS}str"


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign, digits = (-1 if digits[:1] == "-" else 1), digits.lstrip("+-")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2])
    return sign * (int(digits) if base is None else int(digits[2:], base))


def _float(text: str) -> float:
    number = text.replace("_", "").lower()
    return float(number.replace(".inf", "inf").replace(".nan", "nan"))


def _moment(text: str) -> str:
    """Return a YAML date or time as RFC 3339, as far as it says an offset at all."""

    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    date = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        return date.isoformat()
    micro = int((match["fraction"] or "")[:6].ljust(6, "0"))
    time = dt.time(int(match["hour"]), int(match["minute"]), int(match["second"]), micro)
    moment = dt.datetime.combine(date, time)  # naive where the text is: a zone is not guessed
    if match["zone"] == "Z":
        moment = moment.replace(tzinfo=dt.timezone.utc)
    elif match["sign"]:
        offset = dt.timedelta(hours=int(match["zone_hour"]), minutes=int(match["zone_minute"] or 0))
        zone = dt.timezone(offset if match["sign"] == "+" else -offset)
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()


_TIME = lazy_pattern(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d*))?"
    r"(?:[ \t]*(?P<zone>Z|(?P<sign>[-+])(?P<zone_hour>\d\d?)(?::(?P<zone_minute>\d\d))?))?)?",
    re.ASCII,
)
_BOOLEANS = {
    **dict.fromkeys(["true", "yes", "y", "on"], True),
    **dict.fromkeys(["false", "no", "n", "off"], False),
}
_READERS: dict[str, Callable[[str], Scalar]] = {
    f"{TAGS}str": str,
    f"{TAGS}null": lambda _: None,
    f"{TAGS}bool": _boolean,
    f"{TAGS}int": _integer,
    f"{TAGS}float": _float,
    f"{TAGS}timestamp": _moment,
}


def _table() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return which plain scalars are not strings, by their first character."""
    digits = "0123456789"
    patterns = [
        ("bool", "tTfF", r"true|True|TRUE|false|False|FALSE"),
        (
            "float",
            f"-+.{digits}",
            (
                r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
                r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
            ),
        ),
        ("int", f"-+{digits}", r"[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+)"),
        ("null", "~nN", r"~|null|Null|NULL"),
        ("timestamp", digits, rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{_TIME_AND_DATE}"),
    ]
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {"": [(f"{TAGS}null", re.compile(""))]}
    for name, firsts, pattern in patterns:
        for first in firsts:
            table.setdefault(first, []).append((TAGS + name, re.compile(pattern)))
    return table


_TIME_AND_DATE = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)
_IMPLICIT = _table()
NOT_STRINGS = frozenset(_IMPLICIT)
"""How plain scalars begin that may be something other than a string; `""` is the empty one."""
