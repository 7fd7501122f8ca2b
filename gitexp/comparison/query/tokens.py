"""The words and signs of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gitexp.comparison.query.place import Place, QueryError
from gitexp.comparison.query.times import DATE, DURATION

TokenKind = Literal["name", "text", "number", "date", "span", "odd", "operator", "sign", "end"]

_QUOTED = r"`(?:[^`]|``)*`"
_NUMBER = r"[-+]?(?:(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|inf|nan)"
_END = r"(?![\w.`/:-])"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<date>{DATE}){_END}
    | (?P<span>{DURATION}(?:[ ]ago\b)?){_END}
    | (?P<number>{_NUMBER}){_END}
    | (?P<name>(?:[^\W\d]|{_QUOTED})(?:[\w./:-]|{_QUOTED})*)
    | (?P<odd>[-+]?\.?\w[\w./:-]*)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<operator>[=<>!~&|≤≥≠]+)
    | (?P<sign>[(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = {"=": "==", "==": "==", "!=": "!=", "<>": "!=", "~": "~"} | {
    op: op for op in ("<", "<=", ">", ">=")
}
_INSTEAD = {
    **dict.fromkeys(("&&", "&"), "and"),
    **dict.fromkeys(("||", "|"), "or"),
    "!": "not",
    **dict.fromkeys(("=>", "≥"), ">="),
    **dict.fromkeys(("=<", "≤"), "<="),
    **dict.fromkeys(("===", "!==", "≠"), "!="),
    **dict.fromkeys(("=~", "~="), "~"),
    "!~": "not ~",
    "===": "=",
}


@dataclass(frozen=True)
class Token:
    """One word or sign."""

    kind: TokenKind
    text: str
    """Without quotes; an operator as it is called everywhere else."""
    place: Place

    @property
    def word(self) -> str:
        """The keyword that this may be, in lower case; '' where it is none."""
        return self.text.lower() if self.kind == "name" and "`" not in str(self.place) else ""


def tokens(text: str) -> list[Token]:
    """Return the words and signs of an expression, an end last."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    position, kind = 0, ""
    while kind != "end":
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = str(match.lastgroup)
        place = Place(text, match.start(kind), match.end(kind))
        yield _TOKENS.get(kind, _plain)(kind, place)  # type: ignore[arg-type]
        position = match.end()


def _plain(kind: TokenKind, place: Place) -> Token:
    return Token(kind, str(place), place)


def _text(kind: TokenKind, place: Place) -> Token:
    quote = str(place)[0]
    return Token(kind, str(place)[1:-1].replace(quote * 2, quote), place)


def _name(kind: TokenKind, place: Place) -> Token:
    unquoted = re.sub(_QUOTED, lambda match: match[0][1:-1].replace("``", "`"), str(place))
    return Token(kind, unquoted, place)


def _operator(kind: TokenKind, place: Place) -> Token:
    sign = str(place)
    if sign in _OPERATORS:
        return Token(kind, _OPERATORS[sign], place)
    instead = _INSTEAD.get(sign)
    raise QueryError(
        f"'{sign}' is no operator", place, f"Write `{instead}`." if instead else _OPERATORS_HINT
    )


_OPERATORS_HINT = "There are `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `like`, `in` and `is null`."
_TOKENS = {"text": _text, "name": _name, "operator": _operator}


def _unreadable(text: str, position: int) -> QueryError:
    start = position + len(text[position:]) - len(text[position:].lstrip())
    sign = text[start]
    if sign in "'\"`":
        message, hint = f"the quote {sign} is not closed", f"Add another {sign}."
        return QueryError(message, Place(text, start, len(text)), hint)
    hint = "Names with odd characters stand in backticks, texts in quotes."
    return QueryError(f"'{sign}' means nothing here", Place(text, start, start + 1), hint)
