"""What stands beside an operator, as the constants that its column can be compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gitexp.comparison.query import times
from gitexp.comparison.query.attributes import ATTRIBUTES, STATUSES
from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Constant,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Operator,
    Or,
)
from gitexp.comparison.query.place import Place, QueryError
from gitexp.comparison.query.tokens import Token
from gitexp.model.record import time_text

_WORDS = {"true": True, "false": False}
_OID = re.compile(r"[0-9a-f]{4,64}")
_UNORDERED = frozenset({"status", "tags", "oid"})


@dataclass(frozen=True)
class Clock:
    """When and where an expression is read."""

    now: datetime
    zone: tzinfo | None
    """Where days begin; None for the zone of this machine."""


def compared(column: Column, op: Operator, token: Token, clock: Clock, place: Place) -> Expression:
    """Return what a comparison with a constant means."""
    kind = _type(column)
    if token.word == "null":
        raise QueryError(
            "null is compared with `is null`", place, f"Write `{column} is{_not(op)} null`."
        )
    if kind in _UNORDERED and op not in ("==", "!="):
        raise QueryError(f"'{column}' has no order", place, f"Compare `{column}` with `=`.")
    if kind == "time":
        return _in_time(column, op, token, clock, place)
    value = constant(column, token)
    if isinstance(value, bool) and op not in ("==", "!="):
        raise QueryError(f"{token.text} has no order", place, "Compare it with `=` or `!=`.")
    if op == "!=" and kind in ("tags", "oid"):
        return negated(Comparison(column, "==", value, place))
    return Comparison(column, op, value, place)


def _not(op: Operator) -> str:
    return " not" if op == "!=" else ""


def one_of(column: Column, found: list[Token], clock: Clock, place: Place) -> Expression:
    """Return what `in` means."""
    if _type(column) in ("time", "oid"):
        parts = tuple(compared(column, "==", token, clock, token.place) for token in found)
        return parts[0] if len(parts) == 1 else Or(parts, place)
    for token in found:
        if token.word == "null":
            raise QueryError(
                "null is compared with `is null`", token.place, f"Write `or {column} is null`."
            )
    return In(column, tuple(constant(column, token) for token in found), place)


def negated(positive: Expression) -> Expression:
    """Return what `not in`, `not like` and the like mean: false, too, where there is no value."""
    column = _column(positive)
    if column is None or _type(column) == "tags":
        return Not(positive, positive.place)
    there = Not(IsNull(column, positive.place), positive.place)
    return And((there, Not(positive, positive.place)), positive.place)


def _column(expression: Expression) -> Column | None:
    return expression.column if isinstance(expression, Comparison | In | Match) else None


def matched(column: Column, word: str, token: Token, place: Place) -> Match:
    """Return what `like`, `ilike` and `~` mean."""
    if _type(column) in ("time", "duration"):
        raise QueryError(f"'{column}' is no text", place, "Compare it with `<` and `>`.")
    if token.kind != "text":
        raise QueryError("a pattern stands in quotes", token.place, f"Write `'{token.text}'`.")
    if word == "~":
        _check(token)
        return Match(column, token.text, "regex", place)
    return Match(column, token.text, "ilike" if word == "ilike" else "like", place)


def _check(token: Token) -> None:
    import warnings  # noqa: PLC0415 - few expressions hold a pattern

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets that may mean something else one day
            re.compile(token.text)
    except re.error as error:
        place, at = token.place, error.pos or 0
        raw = place.text[place.start + 1 : place.end - 1]
        if raw == token.text:
            place = Place(place.text, place.start + 1 + at, place.start + 2 + at)
        raise QueryError(f"not a regular expression: {error.msg}", place) from error
    except (OverflowError, RecursionError) as error:
        raise QueryError("not a regular expression: too large", token.place) from error


def _type(column: Column) -> str:
    return ATTRIBUTES[column.name] if column.kind == "attribute" else "value"


def constant(column: Column, token: Token) -> Constant:
    """Return a token as what the column can be compared with."""
    kind = _type(column)
    if kind == "value":
        return _value(column, token)
    if kind == "duration":
        return _seconds(token)
    if kind == "status" and token.text not in STATUSES:
        raise QueryError(f"no status '{token.text}'", token.place, _status_hint(token.text))
    if kind == "oid":
        return _oid(token)
    return token.text


def _status_hint(text: str) -> str:
    import difflib  # noqa: PLC0415 - only on the way out

    close = {"finished": "done", "ok": "done", "killed": "interrupted"}.get(text.lower())
    found = [close] if close else difflib.get_close_matches(text.lower(), STATUSES, n=1)
    if found:
        return f"Did you mean '{found[0]}'?"
    return "A run is 'done', 'failed' or 'interrupted'."


def _oid(token: Token) -> str:
    text = token.text.lower()
    if not _OID.fullmatch(text):
        raise QueryError(
            f"'{token.text}' is not the start of an oid",
            token.place,
            f"`git rev-parse {token.text}` tells the oid of a rev.",
        )
    return text


def _value(column: Column, token: Token) -> Constant:
    if token.kind in ("text", "date"):
        return token.text
    if token.word in _WORDS:
        return _WORDS[token.word]
    if token.kind == "number":
        return number(token)
    if token.kind == "span":
        raise QueryError(
            f"'{token.text}' is no number",
            token.place,
            "Only `duration`, `started` and `ended` are compared with times.",
        )
    raise QueryError(
        f"'{token.text}' is neither a number nor a text in quotes",
        token.place,
        f"Text stands in quotes: `{column} = '{token.text}'`.",
    )


def number(token: Token) -> int | float:
    """Return the number that a token is."""
    text = token.text.replace("_", "").lower()
    try:
        if text.lstrip("+-").isdigit():
            return int(text)
        return _NAN if text.endswith("nan") else float(text)
    except ValueError as error:
        raise QueryError("the number has too many digits", token.place) from error


_NAN = float("nan")
"""One object, so that equal expressions are equal."""


def _seconds(token: Token) -> Constant:
    if token.kind == "number":
        return number(token)
    try:
        seconds = times.duration(token.text)
    except (OverflowError, ValueError):
        seconds = None
    if seconds is None or token.word:
        raise QueryError(
            f"'{token.text}' is no duration",
            token.place,
            "Write `90s`, `1h30m`, `2 days` or a number of seconds.",
        )
    return seconds


def _in_time(column: Column, op: Operator, token: Token, clock: Clock, place: Place) -> Expression:
    span = _span(token, clock)
    start, end = time_text(span.start), time_text(span.end)
    if op in ("==", "!=") and not span.exact:
        raise QueryError(
            f"no run has '{column}' exactly then",
            token.place,
            f"Compare it with `>` or `<`: `{column} > '{token.text}'`.",
        )
    if start == end:
        return Comparison(column, op, start, place)
    before = Comparison(column, "<", start, place)
    from_start = Comparison(column, ">=", start, place)
    up_to_end = Comparison(column, "<", end, place)
    after = Comparison(column, ">=", end, place)
    meanings: dict[Operator, Expression] = {
        "<": before,
        "<=": up_to_end,
        ">": after,
        ">=": from_start,
        "==": And((from_start, up_to_end), place),
        "!=": Or((before, after), place),
    }
    return meanings[op]


def _span(token: Token, clock: Clock) -> times.Span:
    try:
        found = times.span(token.text, clock.now, clock.zone)
        if found is not None:
            time_text(found.start), time_text(found.end)
            return found
    except (OverflowError, ValueError, OSError):
        pass
    raise QueryError(
        f"'{token.text}' is no time",
        token.place,
        "Write `2026-11-01`, `'2026-11-01 12:30'`, `yesterday`, `'2 days ago'` or `'last week'`.",
    )
