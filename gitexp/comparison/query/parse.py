"""Reading an expression: `metrics.accuracy > 0.9 and lr in (0.1, 0.01)`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timezone, tzinfo
from typing import Literal, cast

from gitexp.comparison.naming import IN_A_FILE
from gitexp.comparison.query.attributes import ATTRIBUTES, PREFIXES
from gitexp.comparison.query.curves import FUNCTIONS, call_of
from gitexp.comparison.query.expression import And, Column, Expression, IsNull, Not, Operator, Or
from gitexp.comparison.query.place import Place, QueryError, quoted
from gitexp.comparison.query.predicates import Clock, compared, matched, negated, one_of
from gitexp.comparison.query.spelling import KEYWORDS, constant_text
from gitexp.comparison.query.tokens import Token, tokens

_DEEPEST = 50
_MARKED: tuple[Literal["metrics", "params"], ...] = ("metrics", "params")
FLIPPED: dict[str, Operator] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}
_INSTEAD = {
    "between": "0.1 <= lr <= 0.2",
    "contains": "message like '%text%'",
    "startswith": "name like 'text%'",
    "matches": "name ~ 'pattern'",
    "equals": "lr = 0.1",
}
"""How to write what other languages have a word for."""


def parse(text: str, *, now: datetime, zone: tzinfo | None = None) -> Expression:
    """Return what an expression means, the names of metrics and params still to be resolved.

    Days begin when they do in `zone`, by default where this machine is.

    >>> parse("0.9 < accuracy", now=datetime(2026, 11, 1))
    Comparison(column=Column(kind='bare', name='accuracy'), op='>', value=0.9)
    """
    return Parser(tokens(text), Clock(now, zone)).whole()


def parse_column(text: str) -> Column:
    """Return the column that a text names by itself, with or without its backticks.

    >>> parse_column("params.train.lr"), parse_column("val loss")
    (Column(kind='params', name='train.lr'), Column(kind='bare', name='val loss'))
    """
    with contextlib.suppress(QueryError):
        first, *rest = tokens(text)
        if first.word in FUNCTIONS and rest[0].text == "(":
            parser = Parser([first, *rest], Clock(datetime.now(timezone.utc), None))
            called = parser.operand()
            if parser.at_end():
                return column_of(called)
        if first.kind == "name" and len(rest) == 1:
            return column_of(first)
    return column_of(Token("name", text, Place(text, 0, len(text))))  # taken at its word


class Parser:
    """A walk along the tokens, by precedence: or, and, not, predicate."""

    def __init__(self, found: list[Token], clock: Clock) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.clock = clock

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def at_end(self) -> bool:
        return self.next.kind == "end"

    def taken(self, *words: str) -> Token | None:
        """Take the next token if it is one of these keywords, operators or signs."""
        token = self.next
        said = token.text if token.kind in ("operator", "sign") else token.word
        if said not in words:
            return None
        self.at += 1
        return token

    def required(self, *words: str, hint: str | None = None) -> Token:
        """Take the next token, which must be one of these."""
        token = self.taken(*words)
        if token is None:
            *most, last = (f"'{word}'" for word in words)
            raise self.unexpected(f"{', '.join(most)} or {last}" if most else last, hint)
        return token

    def unexpected(self, wanted: str, hint: str | None = None) -> QueryError:
        token = self.next
        found = quoted(str(token.place)) if not self.at_end() else "the end"
        return QueryError(f"expected {wanted}, found {found}", token.place, hint)

    def whole(self) -> Expression:
        if self.at_end():
            hint = "Write, say, `accuracy > 0.9`."
            raise QueryError("the expression is empty", self.next.place, hint)
        expression = self.any_of()
        if not self.at_end():
            raise self.unexpected("'and' or 'or'", self.ending_hint())
        return expression

    def ending_hint(self) -> str | None:
        """Return how to write what cannot follow an expression; None if that is not known."""
        return None

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
            raise QueryError("the expression is nested too deeply", self.next.place)
        expression = self.one_inside()
        self.depth -= 1
        return expression

    def one_inside(self) -> Expression:
        if token := self.taken("not"):
            part = self.one()
            return Not(part, token.place.to(part.place))
        if opening := self.taken("("):
            expression = self.any_of()
            if self.at_end():
                raise QueryError("the parenthesis is not closed", opening.place, "Add a `)`.")
            self.required("and", "or", ")")
            return expression
        return self.predicate()

    def predicate(self) -> Expression:
        left = self.operand()
        if self.taken("is"):
            return self.nullity(left)
        no = self.taken("not")
        if self.taken("in"):
            found = self.membership(left)
        elif word := self.taken("like", "ilike", "~"):
            column, pattern = self.column(left), self.operand()
            place = left.place.to(pattern.place)
            found = matched(column, word.text.lower(), pattern, place)
        elif no:
            raise self.unexpected("'in', 'like', 'ilike' or '~'")
        else:
            return self.chain(left)
        return negated(found) if no else found

    def nullity(self, left: Token) -> Expression:
        column = self.column(left)
        no = self.taken("not")
        end = self.required("null", hint="Other values are compared with `=`.")
        found = IsNull(column, left.place.to(end.place))
        return Not(found, found.place) if no else found

    def membership(self, left: Token) -> Expression:
        column = self.column(left)
        self.required("(", hint="Write, say, `lr in (0.1, 0.01)`.")
        found = [self.operand()]
        while self.taken(","):
            found.append(self.operand())
        end = self.required(",", ")")
        return one_of(column, found, self.clock, left.place.to(end.place))

    def chain(self, left: Token) -> Expression:
        parts: list[Expression] = []
        while op := self.taken(*FLIPPED):
            right = self.operand()
            parts.append(self.comparison(left, cast("Operator", op.text), right))
            left = right
        if not parts:
            raise self.unexpected("a comparison", self.comparison_hint(left))
        if len(parts) == 1:
            return parts[0]
        return And(tuple(parts), parts[0].place.to(parts[-1].place))

    def comparison_hint(self, left: Token) -> str:
        if self.next.word in _INSTEAD:
            return f"Write, say, `{_INSTEAD[self.next.word]}`."
        return f"Write, say, `{left.place} > 0.9` or `{left.place} = true`."

    def comparison(self, left: Token, op: Operator, right: Token) -> Expression:
        place = left.place.to(right.place)
        sides = names_column(left), names_column(right)
        if all(sides):  # beside an attribute, a word is a text without its quotes
            sides = _is_attribute(left), _is_attribute(right)
            if sides[0] == sides[1]:
                hint = f"Text goes in quotes: `{left.place} = {constant_text(right.text)}`."
                raise QueryError("two columns cannot be compared", place, hint)
        if not any(sides):
            hint = "Name a metric, a param or an attribute; odd names go in backticks."
            raise QueryError("no column is compared", place, hint)
        if sides[0]:
            return compared(column_of(left), op, right, self.clock, place)
        return compared(column_of(right), FLIPPED[op], left, self.clock, place)

    def operand(self) -> Token:
        token = self.next
        is_keyword = token.word in KEYWORDS and token.word not in ("true", "false", "null")
        if token.kind in ("operator", "sign", "end") or is_keyword:
            hint = "A comparison has two sides, as `depth > 2`." if self.at_end() else None
            raise self.unexpected("a name or a value", hint)
        self.at += 1
        if token.word in FUNCTIONS and self.next.kind == "sign" and self.next.text == "(":
            return self.call(token)
        return token

    def call(self, function: Token) -> Token:
        """Take what is asked of a curve, from its parenthesis on."""
        self.at += 1
        name = self.operand()
        if name.kind not in ("name", "text"):
            raise QueryError(
                f"{quoted(str(name.place))} is not the name of a curve",
                name.place,
                f"Write, say, `{function.word}(loss)`; odd names go in backticks.",
            )
        step = self.operand() if self.taken(",") else None
        return call_of(function, name, step, self.required(")"))

    def column(self, token: Token) -> Column:
        if not names_column(token):
            hint = "Odd names go in backticks."
            raise QueryError(f"{quoted(token.text)} is not a column", token.place, hint)
        return column_of(token)


def names_column(token: Token) -> bool:
    return token.kind == "call" or (token.kind == "name" and token.word not in KEYWORDS)


def _is_attribute(token: Token) -> bool:
    return column_of(token).kind == "attribute"


def column_of(token: Token) -> Column:
    if token.kind == "call":
        return Column("series", token.text, token.place)
    raw = str(token.place)
    for prefix in ("", *PREFIXES):
        if raw.startswith(prefix) and raw[len(prefix) :] in ATTRIBUTES:
            return Column("attribute", raw[len(prefix) :], token.place)
    for kind in _MARKED:
        prefix = f"{kind}."
        if raw.startswith(prefix) and not IN_A_FILE.match(raw, len(prefix)):
            return Column(kind, token.text[len(prefix) :], token.place)
    return Column("bare", token.text, token.place)
