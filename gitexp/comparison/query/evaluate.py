"""Whether a run is meant by an expression: the truth that faster ways must agree with.

Two-valued: a comparison is true or false. If the value is absent or null it is false,
`!=` included, and `not` turns that around like anything else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from gitexp.comparison.query.attributes import ATTRIBUTES
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
from gitexp.comparison.query.patterns import is_found
from gitexp.comparison.query.run_values import RunValues
from gitexp.model.values import Value, is_number, same


def matches(expression: Expression, run: RunValues) -> bool:
    """Return whether a resolved expression is true of a run."""
    if isinstance(expression, And):
        return all(matches(part, run) for part in expression.parts)
    if isinstance(expression, Or):
        return any(matches(part, run) for part in expression.parts)
    if isinstance(expression, Not):
        return not matches(expression.part, run)
    value = value_of(expression.column, run)
    if isinstance(value, tuple):  # of tags, one will do
        return any(_holds(expression, tag) for tag in value) or (
            isinstance(expression, IsNull) and not value
        )
    return _holds(expression, value)


def value_of(column: Column, run: RunValues) -> Value | tuple[str, ...]:
    """Return what a run has in a resolved column; None for nothing, and for null."""
    if column.kind == "attribute":
        return run.attributes.get(column.name)
    if column.kind == "series":
        return run.series.get(column.name)
    return (run.metrics if column.kind == "metrics" else run.params).get(column.name)


def _holds(leaf: Comparison | In | Match | IsNull, value: Value) -> bool:
    if isinstance(leaf, IsNull):
        return value is None
    if isinstance(leaf, In):
        return any(compare(value, "==", one) for one in leaf.values)
    if isinstance(leaf, Match):
        return isinstance(value, str) and is_found(leaf, value)
    if leaf.column.kind == "attribute" and ATTRIBUTES[leaf.column.name] == "oid":
        return isinstance(value, str) and value.startswith(str(leaf.value))
    return compare(value, leaf.op, leaf.value)


_ORDERED: dict[Operator, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(value: Value, op: Operator, constant: Constant) -> bool:
    """Return whether a value compares so: numbers with numbers, texts with texts.

    >>> compare(0.1, "<", 1), compare("1", "==", 1), compare(None, "!=", 1)
    (True, False, False)
    """
    if value is None:
        return False
    if op == "==":
        return same(value, constant)
    if op == "!=":
        return not same(value, constant)
    if is_number(value) and is_number(constant):
        return _ORDERED[op](value, constant)
    if isinstance(value, str) and isinstance(constant, str):
        return _ORDERED[op](value, constant)
    return False
