"""What an expression of the query language means, as values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import astuple

from gitexp.comparison.query.place import NOWHERE, Place

Kind = Literal["metrics", "params", "attribute", "series", "bare"]
"""What a column is of; 'series' is what is asked of a curve, such as `max(loss)`, and 'bare' a name
that `resolve` has yet to find among the columns."""
Operator = Literal["==", "!=", "<", "<=", ">", ">="]
Constant: TypeAlias = str | int | float | bool
"""What values are compared with; a moment is RFC 3339 text in UTC, a duration its seconds."""


class _Placed(Struct, frozen=True, eq=False):
    """A part of an expression; its place, the last field, is not part of what it means."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._meaning == other._meaning

    def __repr__(self) -> str:
        named = zip(self.__struct_fields__, self._meaning, strict=False)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"

    def __hash__(self) -> int:
        return hash(self._meaning)

    @property
    def _meaning(self) -> tuple[object, ...]:
        return astuple(self)[:-1]


class Column(_Placed, frozen=True):
    """A value that runs have: one of the attributes, or a metric or param by its flat name."""

    kind: Kind
    name: str
    place: Place = NOWHERE

    def __str__(self) -> str:
        return (
            self.name
            if self.kind in ("attribute", "series", "bare")
            else f"{self.kind}.{self.name}"
        )


class Comparison(_Placed, frozen=True):
    """True if the value is there and the comparison holds; `baseline == x` also for its start."""

    column: Column
    op: Operator
    value: Constant
    place: Place = NOWHERE


class Match(_Placed, frozen=True):
    """True if the value is a text that fits the pattern."""

    column: Column
    pattern: str
    kind: Literal["like", "ilike", "regex"]
    place: Place = NOWHERE


class In(_Placed, frozen=True):
    """True if the value is one of these."""

    column: Column
    values: tuple[Constant, ...]
    place: Place = NOWHERE


class IsNull(_Placed, frozen=True):
    """True if the value is absent or null."""

    column: Column
    place: Place = NOWHERE


class And(_Placed, frozen=True):
    """True if all parts are."""

    parts: tuple[Expression, ...]
    """At least two."""
    place: Place = NOWHERE


class Or(_Placed, frozen=True):
    """True if a part is."""

    parts: tuple[Expression, ...]
    """At least two."""
    place: Place = NOWHERE


class Not(_Placed, frozen=True):
    """True if the part is not."""

    part: Expression
    place: Place = NOWHERE


Leaf: TypeAlias = "Comparison | Match | In | IsNull"
Expression: TypeAlias = "Leaf | And | Or | Not"


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Yield the comparisons that an expression is made of, from left to right."""
    if isinstance(expression, And | Or):
        for part in expression.parts:
            yield from leaves(part)
    elif isinstance(expression, Not):
        yield from leaves(expression.part)
    else:
        yield expression
