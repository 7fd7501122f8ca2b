"""Equality with a number as it is shown: rounded, so perhaps no run has exactly that."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from gitexp.comparison.query.expression import And, Comparison, Expression
from gitexp.comparison.query.spelling import name_text

_DIGITS = 6
"""How many of a number are shown."""


def widened(expression: Expression) -> tuple[Expression, str] | None:
    """Return the expression with the first equality as a range, and that range as text.

    None if there is no equality with a number.
    """
    if isinstance(expression, And):
        for at, part in enumerate(expression.parts):
            found = widened(part)
            if found is not None:
                parts = (*expression.parts[:at], found[0], *expression.parts[at + 1 :])
                return replace(expression, parts=parts), found[1]
    if not isinstance(expression, Comparison) or expression.op != "==":
        return None
    if not isinstance(expression.value, float) or not expression.value:
        return None
    shown = Decimal(repr(expression.value))
    if not shown.is_finite():
        return None
    half = Decimal(5).scaleb(shown.adjusted() - _DIGITS)
    low, high = shown - half, shown + half
    ends = (
        replace(expression, op=">=", value=float(low)),
        replace(expression, op="<=", value=float(high)),
    )
    name = name_text(expression.column)
    return And(ends), f"{name} >= {low.normalize()} and {name} <= {high.normalize()}"
