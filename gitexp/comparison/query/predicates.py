"""What a column, an operator and a constant mean together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query import times
from gitexp.comparison.query.attributes import REASONS
from gitexp.comparison.query.constants import constant, type_of
from gitexp.comparison.query.expression import (
    And,
    Column,
    Comparison,
    Expression,
    In,
    IsNull,
    Match,
    Not,
    Operator,
    Or,
)
from gitexp.comparison.query.patience import PATIENCE
from gitexp.comparison.query.patterns import pattern_of
from gitexp.comparison.query.place import Place, QueryError, quoted
from gitexp.comparison.query.spelling import constant_text, name_text
from gitexp.comparison.query.tokens import Token
from gitexp.model.record import time_text

_TIME_HINT = (
    "Write `2026-11-01`, `'2026-11-01 12:30'`, `yesterday`, `'2 days ago'` or `'last week'`."
)
_KINDS: dict[str, Literal["like", "ilike", "regex"]] = {
    "like": "like",
    "ilike": "ilike",
    "~": "regex",
}
_WITHOUT_ORDER = frozenset({"status", "verdict", "tags", "sweep", "oid"})


class Clock(Struct, frozen=True):
    """When and where an expression is read."""

    now: datetime
    zone: tzinfo | None
    """Where days begin when they do; None for where this machine is."""


def compared(column: Column, op: Operator, token: Token, clock: Clock, place: Place) -> Expression:
    """Return what a comparison with a constant means."""
    _check_null(column, token, negative=op == "!=")
    ordered = op not in ("==", "!=")
    kind = type_of(column)
    if kind in _WITHOUT_ORDER and ordered:
        hint = f"Compare it with `=`, `!=` or `in`: `{column} = {constant_text(token.text)}`."
        raise QueryError(f"'{column}' has no order", column.place, hint)
    if kind == "time":
        return _in_time(column, op, token, clock, place)
    if kind == "status" and token.text in REASONS:
        lost = _interrupted(column, REASONS[token.text], place)
        return negated(lost) if op == "!=" else lost
    value = constant(column, token)
    if isinstance(value, bool) and ordered:
        hint = "Compare it with `=` or `!=`."
        raise QueryError(f"'{token.text}' has no order", token.place, hint)
    if op == "!=" and kind in ("tags", "sweep", "oid"):
        return negated(Comparison(column, "==", value, place))
    return Comparison(column, op, value, place)


def _interrupted(status: Column, reason: str, place: Place) -> Expression:
    """Return what a status means that is shown in place of 'interrupted'."""
    return And(
        (
            Comparison(status, "==", "interrupted", place),
            Comparison(replace(status, name="reason"), "==", reason, place),
        ),
        place,
    )


def _check_null(column: Column, token: Token, *, negative: bool) -> None:
    if token.word == "null":
        hint = f"Write `{name_text(column)} is {'not ' if negative else ''}null`."
        raise QueryError("nothing is equal to null", token.place, hint)


def one_of(column: Column, found: Sequence[Token], clock: Clock, place: Place) -> Expression:
    """Return what `in` means."""
    for token in found:
        _check_null(column, token, negative=False)
    apart = ("status",) if any(token.text in REASONS for token in found) else ()
    if type_of(column) not in ("time", "oid", *apart):
        return In(column, tuple(constant(column, token) for token in found), place)
    parts = tuple(compared(column, "==", token, clock, token.place) for token in found)
    return parts[0] if len(parts) == 1 else Or(parts, place)


def matched(column: Column, word: str, token: Token, place: Place) -> Match:
    """Return what `like`, `ilike` and `~` mean."""
    if type_of(column) in ("time", "duration", "number"):
        raise QueryError(f"'{column}' is not text", column.place, "Compare it with `<` and `>`.")
    if token.kind != "text":
        hint = f"Write `{constant_text(token.text)}`."
        raise QueryError("a pattern must be in quotes", token.place, hint)
    match = Match(column, token.text, _KINDS[word], place)
    try:
        pattern_of(match)
    except re.error as error:
        where = _place_within(token, error.pos or 0)
        raise QueryError(f"not a regular expression: {error.msg}", where) from error
    except (OverflowError, RecursionError) as error:
        raise QueryError("not a regular expression: too large", token.place) from error
    limit = PATIENCE.get()
    if limit is not None and match.kind == "regex":
        limit.check_pattern(match.pattern)
    return match


def _place_within(token: Token, at: int) -> Place:
    """Return the place of a character of a text, as far as its quotes let it be counted."""
    start = token.place.start + 1 + at
    as_it_stands = str(token.place)[1:-1] == token.text
    return Place(token.place.text, start, start + 1) if as_it_stands else token.place


def negated(positive: Expression) -> Expression:
    """Return what `not in`, `not like` and the like mean: false, too, if there is no value.

    Tags are a set, which is always there.
    """
    place = positive.place
    column = _column(positive)
    if type_of(column) == "tags":
        return Not(positive, place)
    return And((Not(IsNull(column, place), place), Not(positive, place)), place)


def _column(positive: Expression) -> Column:
    while isinstance(positive, And | Or):  # what `in` is for times and oids
        positive = positive.parts[0]
    assert not isinstance(positive, Not)  # it would not be positive
    return positive.column


def _in_time(column: Column, op: Operator, token: Token, clock: Clock, place: Place) -> Expression:
    """Return a comparison with a stretch of time; what is later than a day comes after its end."""
    span = _span(token, clock)
    if op in ("==", "!=") and not span.exact:
        hint = f"Ask for before or after: `{column} > {constant_text(token.text)}`."
        what = f"{quoted(token.text)} is a moment, which no run hits exactly"
        raise QueryError(what, token.place, hint)
    start, end = time_text(span.start), time_text(span.end)
    if start == end:
        return Comparison(column, op, start, place)
    before = Comparison(column, "<", start, place)
    from_start = Comparison(column, ">=", start, place)
    to_end = Comparison(column, "<", end, place)
    after = Comparison(column, ">=", end, place)
    meanings: dict[Operator, Expression] = {
        "<": before,
        "<=": to_end,
        ">": after,
        ">=": from_start,
        "==": And((from_start, to_end), place),
        "!=": Or((before, after), place),
    }
    return meanings[op]


def _span(token: Token, clock: Clock) -> times.Span:
    try:
        found = times.span(token.text, clock.now, clock.zone)
    except (OverflowError, ValueError, OSError):  # no calendar has it
        found = None
    if found is None:
        raise QueryError(f"{quoted(token.text)} is not a time", token.place, _TIME_HINT)
    return found
