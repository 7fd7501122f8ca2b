"""Reading an expression: `metrics.accuracy > 0.9 and lr in (0.1, 0.01)`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import cast

from gitexp.comparison.query.attributes import ATTRIBUTES, PREFIXES
from gitexp.comparison.query.constants import Clock, compared, matched, negated, one_of
from gitexp.comparison.query.expression import And, Column, Expression, IsNull, Not, Operator, Or
from gitexp.comparison.query.place import QueryError
from gitexp.comparison.query.tokens import Token, tokens

_DEEPEST = 50
_KEYWORDS = frozenset("and or not in like ilike is null true false".split())
_FLIPPED: dict[str, Operator] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}


def parse(text: str, *, now: datetime, zone: tzinfo | None = None) -> Expression:
    """Return what an expression means, the names of metrics and params still to be resolved.

    Days begin when they do in `zone`, by default that of this machine.

    >>> str(parse("acc > 0.9", now=datetime(2026, 11, 1)).value)
    '0.9'
    """
    return _Parser(tokens(text), Clock(now, zone)).whole()


class _Parser:
    """A walk along the tokens, by precedence: or, and, not, comparison."""

    def __init__(self, found: list[Token], clock: Clock) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.clock = clock

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def at_end(self) -> bool:
        return self.next.kind == "end"

    def take(self) -> Token:
        token = self.next
        self.at += not self.at_end
        return token

    def taken(self, *words: str) -> Token | None:
        """Take the next token if it is one of these keywords, operators or signs."""
        token = self.next
        said = token.text if token.kind in ("operator", "sign") else token.word
        return self.take() if said and said in words else None

    def whole(self) -> Expression:
        if self.at_end:
            raise QueryError(
                "the expression is empty", self.next.place, "Write, say, `accuracy > 0.9`."
            )
        expression = self.any_of()
        if not self.at_end:
            raise self.unexpected("`and` or `or`")
        return expression

    def any_of(self) -> Expression:
        return self.joined("or", Or, self.all_of)

    def all_of(self) -> Expression:
        return self.joined("and", And, self.one)

    def joined(self, word: str, kind: type[And | Or], part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self.taken(word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return kind(tuple(parts), parts[0].place.to(parts[-1].place))

    def one(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise QueryError("the expression is nested too deep", self.next.place)
        expression = self.one_inside()
        self.depth -= 1
        return expression

    def one_inside(self) -> Expression:
        if token := self.taken("not"):
            part = self.one()
            return Not(part, token.place.to(part.place))
        if opening := self.taken("("):
            expression = self.any_of()
            if not self.taken(")"):
                if self.at_end:
                    raise QueryError("the parenthesis is not closed", opening.place, "Add a `)`.")
                raise self.unexpected("`)`")
            return expression
        return self.predicate()

    def predicate(self) -> Expression:
        left = self.operand()
        if word := self.taken("is"):
            column = self.column(left)
            no = self.taken("not")
            if not (end := self.taken("null")):
                raise self.unexpected("`null`")
            found = IsNull(column, left.place.to(end.place))
            del word
            return Not(found, found.place) if no else found
        no = self.taken("not")
        if self.taken("in"):
            found_in = self.membership(left)
            return negated(found_in) if no else found_in
        if word := self.taken("like", "ilike", "~"):
            column, pattern = self.column(left), self.operand()
            match = matched(column, word.text.lower(), pattern, left.place.to(pattern.place))
            return negated(match) if no else match
        if no:
            raise self.unexpected("`in`, `like` or `~`")
        return self.chain(left)

    def membership(self, left: Token) -> Expression:
        column = self.column(left)
        if not self.taken("("):
            raise self.unexpected("`(`")
        found = [self.operand()]
        while self.taken(","):
            found.append(self.operand())
        if not (end := self.taken(")")):
            raise self.unexpected("`,` or `)`")
        return one_of(column, found, self.clock, left.place.to(end.place))

    def chain(self, left: Token) -> Expression:
        parts: list[Expression] = []
        while op := self.taken(*_FLIPPED):
            right = self.operand()
            parts.append(self.comparison(left, cast("Operator", op.text), right))
            left = right
        if not parts:
            raise self.unexpected("a comparison")
        if len(parts) == 1:
            return parts[0]
        return And(tuple(parts), parts[0].place.to(parts[-1].place))

    def comparison(self, left: Token, op: Operator, right: Token) -> Expression:
        place = left.place.to(right.place)
        sides = [self.names_column(left), self.names_column(right)]
        if all(sides):  # a word beside an attribute is a text without its quotes
            sides = [_is_attribute(left), _is_attribute(right)]
            if sides[0] == sides[1]:
                raise QueryError(
                    f"'{left.text}' and '{right.text}' are both columns",
                    place,
                    f"Compare with a value; text stands in quotes: `{left.text} = '{right.text}'`.",
                )
        if not any(sides):
            raise QueryError(
                "no column is compared here",
                place,
                "Name a metric, a param or an attribute; odd names stand in backticks.",
            )
        if sides[0]:
            return compared(_column(left), op, right, self.clock, place)
        return compared(_column(right), _FLIPPED[op], left, self.clock, place)

    def operand(self) -> Token:
        token = self.next
        if token.kind in ("operator", "sign", "end") or (
            token.word in _KEYWORDS - {"true", "false", "null"}
        ):
            raise self.unexpected("a name or a value")
        return self.take()

    def names_column(self, token: Token) -> bool:
        return token.kind == "name" and token.word not in _KEYWORDS

    def column(self, token: Token) -> Column:
        if not self.names_column(token):
            raise QueryError(
                f"'{token.text}' is no column", token.place, "Odd names stand in backticks."
            )
        return _column(token)

    def unexpected(self, wanted: str) -> QueryError:
        token = self.next
        found = f"'{token.place}'" if token.kind != "end" else "the end"
        return QueryError(f"expected {wanted}, found {found}", token.place)


def _is_attribute(token: Token) -> bool:
    return _column(token).kind == "attribute"


def _column(token: Token) -> Column:
    raw = str(token.place)
    if raw in ATTRIBUTES:
        return Column("attribute", raw, token.place)
    for prefix in PREFIXES:
        if raw.startswith(prefix) and raw[len(prefix) :] in ATTRIBUTES:
            return Column("attribute", raw[len(prefix) :], token.place)
    if raw.startswith("metrics."):
        return Column("metrics", token.text[8:], token.place)
    if raw.startswith("params."):
        return Column("params", token.text[7:], token.place)
    return Column("bare", token.text, token.place)
