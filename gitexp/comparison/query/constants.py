"""What is written beside an operator, as a constant that its column can be compared with."""

from __future__ import annotations

import difflib
import math
import re

from gitexp.comparison.query import times
from gitexp.comparison.query.attributes import ATTRIBUTES, REASONS, STATUS_HINTS, STATUSES
from gitexp.comparison.query.expression import Column, Constant
from gitexp.comparison.query.place import QueryError, quoted
from gitexp.comparison.query.spelling import constant_text, name_text
from gitexp.comparison.query.tokens import Token
from gitexp.model.hypothesis import VERDICTS

_WORDS = {"true": True, "false": False}
_STATUS_HINT = (
    "A run is done, failed or interrupted; "
    "of the last, some are lost, pruned, stopped or 'timed out'."
)
_OID = re.compile(r"[0-9a-f]{4,64}")
_VERSION = re.compile(r"^v\d+:")
"""Of the definition of inputs, as `gitexp show` has it before their oid."""


def type_of(column: Column) -> str:
    """Return the type of an attribute, or 'value' for metrics and params, which may be anything."""
    return ATTRIBUTES[column.name] if column.kind == "attribute" else "value"


def constant(column: Column, token: Token) -> Constant:
    """Return a token as what the column can be compared with; times are not for here."""
    kind = type_of(column)
    if kind == "value":
        return _value(column, token)
    if kind == "number":
        return _count(column, token)
    read = {"duration": _seconds, "status": _status, "verdict": _verdict, "oid": _oid}.get(kind)
    return read(token) if read else token.text  # with or without quotes: nothing else is meant


def _value(column: Column, token: Token) -> Constant:
    if token.kind in ("text", "date"):
        return token.text
    if token.word in _WORDS:
        return _WORDS[token.word]
    if token.kind == "number":
        return number(token)
    if token.kind == "span":
        hint = "Only `duration`, `started` and `ended` are compared with times."
        raise QueryError(f"{quoted(token.text)} is not a number", token.place, hint)
    raise QueryError(
        f"{quoted(token.text)} is neither a number nor a text in quotes",
        token.place,
        f"Text goes in quotes: `{name_text(column)} = {constant_text(token.text)}`.",
    )


def number(token: Token) -> int | float:
    """Return the number that a token is."""
    text = token.text.replace("_", "").lower()
    if text.endswith("nan"):
        return math.nan  # one object, so that equal expressions are equal
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError as error:  # Python's limit
        raise QueryError("the number has too many digits", token.place) from error


def _seconds(token: Token) -> Constant:
    if token.kind == "number":
        return number(token)
    try:
        seconds = times.duration(token.text)
    except (OverflowError, ValueError):
        seconds = None
    if seconds is None:
        hint = "Write `90s`, `1h30m`, `2 days` or a number of seconds."
        raise QueryError(f"{quoted(token.text)} is not a duration", token.place, hint)
    return seconds


def _count(column: Column, token: Token) -> Constant:
    if token.kind == "number":
        return number(token)
    hint = f"Write, say, `{column} < 20`."
    raise QueryError(f"{quoted(token.text)} is not a number", token.place, hint)


def _status(token: Token) -> str:
    if token.text in STATUSES:
        return token.text
    said = token.text.lower()
    close = [STATUS_HINTS[said]] if said in STATUS_HINTS else []
    close = close or difflib.get_close_matches(said, (*STATUSES, *REASONS), n=1)
    hint = f"Did you mean '{close[0]}'?" if close else _STATUS_HINT
    raise QueryError(f"no status {quoted(token.text)}", token.place, hint)


def _verdict(token: Token) -> str:
    if token.text in VERDICTS:
        return token.text
    said = token.text.lower()
    close: list[str] = [one for one in VERDICTS if said and one.startswith(said)]
    close = close or difflib.get_close_matches(said, VERDICTS, n=1)
    hint = "It is confirmed, refuted, 'within noise' or 'not measured'."
    if close:
        hint = f"Did you mean {constant_text(close[0])}?"
    raise QueryError(f"no verdict {quoted(token.text)}", token.place, hint)


def _oid(token: Token) -> str:
    text = _VERSION.sub("", token.text.lower())
    if _OID.fullmatch(text):
        return text
    hint = f"Write at least four digits of it; `git rev-parse {token.text}` prints that of a rev."
    raise QueryError(f"{quoted(token.text)} is not the start of an oid", token.place, hint)
