"""What `--expect` means: `accuracy >= baseline + 0.005`, in the query language.

Besides what `--where` knows, metrics and params are compared with the same ones of the
baseline, of the best run or of a run by its name, which may be moved by a number or a percentage.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.query.constants import number
from gitexp.comparison.query.expression import And, Column, Expression, Leaf, Not, Operator, Or
from gitexp.comparison.query.parse import FLIPPED, Parser, column_of, names_column
from gitexp.comparison.query.place import NOWHERE, Place, QueryError, UnknownName, quoted
from gitexp.comparison.query.predicates import Clock
from gitexp.comparison.query.resolve import resolve, resolve_column
from gitexp.comparison.query.tokens import Token, tokens

BASELINE, BEST = "baseline", "best"


class Expected(Struct, frozen=True):
    """A comparison with the same metric or param of something else, moved by a number."""

    column: Column
    op: Operator
    reference: str
    """`baseline`, `best`, or the selector of a run."""
    times: float = 1
    plus: float = 0
    place: Place = NOWHERE

    def threshold(self, value: float) -> float:
        """Return what is demanded, if the reference has this value."""
        if self.times == 1 and not self.plus:
            return value
        try:
            return value * self.times + self.plus
        except OverflowError:  # a whole number may be larger than any float
            return (math.inf if value > 0 else -math.inf) * self.times + self.plus


Expectation: TypeAlias = "Leaf | Expected | And | Or | Not"
"""And, Or and Not hold expectations, too."""


def parse_expectation(text: str, *, now: datetime) -> Expectation:
    """Return what an expectation means, the names of metrics still to be resolved.

    >>> found = parse_expectation("f1 > baseline + 2%", now=datetime(2026, 11, 1))
    >>> found.column.name, found.op, found.reference, found.times
    ('f1', '>', 'baseline', 1.02)
    """
    whole: Expectation = _Parser(tokens(text, arithmetic=True), Clock(now, None)).whole()
    return whole


def resolved(expectation: Expectation, known: Collection[Column]) -> Expectation:
    """Return an expectation with each name as one of the columns, and `best` as `best:METRIC`.

    A metric that no run has yet may be named with its prefix, as `metrics.f1`, and if there are
    none at all, any name may be one. Raises UnknownName and QueryError as `resolve` does.
    """
    if isinstance(expectation, And | Or):
        parts = tuple(resolved(part, known) for part in expectation.parts)
        return replace(expectation, parts=parts)
    if isinstance(expectation, Not):
        return replace(expectation, part=resolved(expectation.part, known))
    leaf = _resolved(expectation, known)
    if isinstance(leaf, Expected) and leaf.reference == BEST:
        return replace(leaf, reference=f"{BEST}:{leaf.column.name}")
    return leaf


def _resolved(expectation: Leaf | Expected, known: Collection[Column]) -> Expectation:
    if expectation.column.kind in ("metrics", "params"):
        try:
            return replace(expectation, column=resolve_column(expectation.column, known))
        except UnknownName:
            return expectation
    if not any(one.kind == "metrics" for one in known) and expectation.column.kind == "bare":
        return replace(expectation, column=replace(expectation.column, kind="metrics"))
    if isinstance(expectation, Expected):
        return replace(expectation, column=resolve_column(expectation.column, known))
    return resolve(expectation, known)


def leaves(expectation: Expectation) -> Iterator[Leaf | Expected]:
    """Yield the comparisons of an expectation, from left to right."""
    if isinstance(expectation, And | Or):
        for part in expectation.parts:
            yield from leaves(part)
    elif isinstance(expectation, Not):
        yield from leaves(expectation.part)
    else:
        yield expectation


class _Term(Token, frozen=True):
    """A name with what is added to it."""

    times: float = 1
    plus: float = 0

    @property
    def is_moved(self) -> bool:
        return self.times != 1 or self.plus != 0


class _Parser(Parser):
    """Reads names as terms, and comparisons of two of them as expected."""

    def ending_hint(self) -> str | None:
        if self.next.text == "~":
            return "A run before others goes in backticks: accuracy > `latest~2`."
        return super().ending_hint()

    def operand(self) -> Token:
        token = super().operand()
        if not names_column(token):
            return token
        times, plus, end = 1.0, 0.0, token.place
        if self.next.kind == "arithmetic":
            sign = self.next
            self.at += 1
            amount, percent, end = self.amount()
            if sign.text == "*" and not percent:
                times = amount
            elif percent and sign.text in "+-":
                times = round(1 + (amount if sign.text == "+" else -amount) / 100, 12)
            elif sign.text in "+-":
                plus = amount if sign.text == "+" else -amount
            else:
                hint = "Write `baseline * 1.02` or `baseline + 2%`."
                raise QueryError("this is not a change", sign.place.to(end), hint)
        return _Term(token.kind, token.text, token.place.to(end), times, plus)

    def amount(self) -> tuple[float, bool, Place]:
        """Take a number, and the percent sign after it."""
        token = self.next
        if token.kind != "number":
            raise self.unexpected("a number", "Write, say, `baseline + 0.005`.")
        self.at += 1
        percent = self.next.kind == "arithmetic" and self.next.text == "%"
        if percent:
            self.at += 1
        end = self.tokens[self.at - 1].place
        return float(number(token)), percent, end

    def comparison(self, left: Token, op: Operator, right: Token) -> Expression:
        if _is_reference(left) and not _is_reference(right):
            return self.comparison(right, FLIPPED[op], left)
        place = left.place.to(right.place)
        if not (isinstance(right, _Term) and isinstance(left, _Term)):
            for side in (left, right):
                if _is_reference(side):
                    hint = "Compare a metric with it: `accuracy > baseline`."
                    raise QueryError(f"{quoted(side.text)} is not a metric", side.place, hint)
            return super().comparison(left, op, right)
        if left.is_moved or (_is_reference(left) and _is_reference(right)):
            hint = "Compare a metric with what it may move from: `accuracy > baseline + 0.005`."
            raise QueryError("only one side of a comparison is calculated", place, hint)
        if column_of(left).kind == "attribute":
            if _is_reference(right):
                hint = "Only metrics and params are."
                raise QueryError(f"'{left.text}' is not compared with runs", place, hint)
            return super().comparison(left, op, right)
        found = Expected(column_of(left), op, right.text, right.times, right.plus, place)
        return cast("Expression", found)  # `parse_expectation` says what it may hold


def _is_reference(token: Token) -> bool:
    return isinstance(token, _Term) and (token.is_moved or token.word in (BASELINE, BEST))
