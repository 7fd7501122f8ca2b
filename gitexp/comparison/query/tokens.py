"""The words and signs of an expression."""

from __future__ import annotations

import re
from typing import Literal, cast

from msgspec import Struct

from gitexp.comparison.query.place import Place, QueryError, quoted
from gitexp.comparison.query.times import DATE, DURATION

TokenKind = Literal[
    "name", "call", "text", "number", "date", "span", "odd", "operator", "sign", "arithmetic", "end"
]

_QUOTED = r"`(?:[^`]|``)*`"
_NUMBER = r"[-+]?(?:(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?|inf|nan)"
_END = r"(?![\w.`/:-])"
_PARTS = rf"""
      (?P<date>{DATE}){_END}
    | (?P<span>{DURATION}(?:[ ]ago\b)?){_END}
    | (?P<number>{_NUMBER}){_END}
    | (?P<name>(?:[^\W\d]|{_QUOTED})(?:[\w./:-]|{_QUOTED})*)
    | (?P<odd>[-+]?\.?\w[\w./:-]*)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<operator>[=<>!~&|≤≥≠]+)
    | (?P<sign>[(),])
    | (?P<end>\Z)
"""
_TOKEN = re.compile(rf"\s*(?:{_PARTS})", re.VERBOSE | re.IGNORECASE)
_ARITHMETIC = re.compile(r"\s*(?P<arithmetic>[-+*%])")
"""What may stand after a name or a number; in `lr = -1` the sign is the number's."""
_OPERATORS = {op: op for op in ("==", "!=", "<", "<=", ">", ">=", "~")} | {"=": "==", "<>": "!="}
_INSTEAD = {
    **dict.fromkeys(("&&", "&"), "and"),
    **dict.fromkeys(("||", "|"), "or"),
    "!": "not",
    **dict.fromkeys(("=>", "≥"), ">="),
    **dict.fromkeys(("=<", "≤"), "<="),
    **dict.fromkeys(("!==", "≠"), "!="),
    **dict.fromkeys(("=~", "~="), "~"),
    "!~": "not ~",
    "===": "=",
}
_OPERATORS_HINT = (
    "The operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `like`, `in` and `is null`."
)


class Token(Struct, frozen=True):
    """One word or sign."""

    kind: TokenKind
    text: str
    """Without quotes; an operator as it is called everywhere else."""
    place: Place

    @property
    def word(self) -> str:
        """The keyword that this may be, in lower case; '' if it is not one."""
        return self.text.lower() if self.kind == "name" and "`" not in str(self.place) else ""


def tokens(text: str, *, arithmetic: bool = False) -> list[Token]:
    """Return the words and signs of an expression, an end last."""
    found: list[Token] = []
    position = 0
    while not found or found[-1].kind != "end":
        after_value = arithmetic and found and found[-1].kind in ("name", "number")
        match = (_ARITHMETIC.match(text, position) if after_value else None) or _TOKEN.match(
            text, position
        )
        if match is None:
            raise _unreadable(text, position)
        kind = cast("TokenKind", match.lastgroup)
        found.append(_token(kind, Place(text, match.start(kind), match.end(kind))))
        position = match.end()
    return found


def _token(kind: TokenKind, place: Place) -> Token:
    raw = str(place)
    if kind == "text":
        return Token(kind, raw[1:-1].replace(raw[0] * 2, raw[0]), place)
    if kind == "name":
        unquoted = re.sub(_QUOTED, lambda match: match[0][1:-1].replace("``", "`"), raw)
        return Token(kind, unquoted, place)
    if kind == "operator":
        return Token(kind, _operator(raw, place), place)
    return Token(kind, raw, place)


def _operator(raw: str, place: Place) -> str:
    if raw in _OPERATORS:
        return _OPERATORS[raw]
    instead = _INSTEAD.get(raw)
    hint = f"Write `{instead}`." if instead else _OPERATORS_HINT
    raise QueryError(f"{quoted(raw)} is not an operator", place, hint)


_SIGN_HINTS = {
    **dict.fromkeys("\u201c\u201d\u201e\u2018\u2019«»", "Quotes are straight here: ' or \"."),
    **dict.fromkeys("[]{}", "Lists go in parentheses: `lr in (0.1, 0.01)`."),
    **dict.fromkeys("+-*/^", "There is no arithmetic here."),
    "%": "Write `0.9` for 90 %.",
}


def _unreadable(text: str, position: int) -> QueryError:
    start = len(text) - len(text[position:].lstrip())
    sign = text[start]
    if sign in "'\"`":
        message = f"the quote {sign} is not closed"
        return QueryError(message, Place(text, start, len(text)), f"Add another {sign}.")
    hint = _SIGN_HINTS.get(sign, "Names with odd characters go in backticks, texts in quotes.")
    return QueryError(f"'{sign}' means nothing here", Place(text, start, start + 1), hint)
