"""What an expression of the query language means, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gitexp.comparison.query.place import NOWHERE, Place

Kind = Literal["metrics", "params", "attribute", "bare"]
"""What a column is of; 'bare' is a name that `resolve` has yet to find among the columns."""
Operator = Literal["==", "!=", "<", "<=", ">", ">="]
Constant: TypeAlias = str | int | float | bool
"""What values are compared with; a moment is RFC 3339 text in UTC, a duration its seconds."""


@dataclass(frozen=True)
class Column:
    """A value that runs have: one of the attributes, or a metric or param by its flat name."""

    kind: Kind
    name: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name if self.kind in ("attribute", "bare") else f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Comparison:
    """True where the value is there and compares so; `baseline == x` is true for its starts."""

    column: Column
    op: Operator
    value: Constant
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Match:
    """True where the value is a text that fits the pattern."""

    column: Column
    pattern: str
    kind: Literal["like", "ilike", "regex"]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class In:
    """True where the value is one of these."""

    column: Column
    values: tuple[Constant, ...]
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class IsNull:
    """True where the value is absent or null."""

    column: Column
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class And:
    """True where all parts are."""

    parts: tuple[Expression, ...]
    """At least two."""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Or:
    """True where a part is."""

    parts: tuple[Expression, ...]
    """At least two."""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Not:
    """True where the part is not."""

    part: Expression
    place: Place = field(default=NOWHERE, compare=False, repr=False)


Leaf: TypeAlias = "Comparison | Match | In | IsNull"
Expression: TypeAlias = "Leaf | And | Or | Not"
