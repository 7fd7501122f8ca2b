"""The conditions of a space, `when` and `such_that`: whether values fulfil them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from functools import lru_cache

from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column, Expression
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.resolve import resolve
from gitexp.comparison.query.run_values import RunValues
from gitexp.model.values import Value
from gitexp.sweep.space import Axis, Space

_NO_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)
"""A condition names no time: params have none, so this is never looked at."""


def applies(space: Space, axis: Axis, values: Mapping[str, Value]) -> bool:
    """Return whether an axis has a value in a point, by the values of the axes before it."""
    if axis.when is None:
        return True
    return matches(read_condition(axis.when, names_of(space)), RunValues(params=values))


def admits(space: Space, values: Mapping[str, Value]) -> bool:
    """Return whether a point's values fulfil `such_that`.

    >>> from gitexp.sweep.space import Choices
    >>> space = Space((Axis("a", Choices((1, 2))),), such_that="a < 2")
    >>> admits(space, {"a": 1}), admits(space, {"a": 2})
    (True, False)
    """
    if space.such_that is None:
        return True
    return matches(read_condition(space.such_that, names_of(space)), RunValues(params=values))


def names_of(space: Space) -> tuple[str, ...]:
    """Return the names of the axes."""
    return tuple(axis.name for axis in space.axes)


@lru_cache(maxsize=64)
def read_condition(text: str, names: tuple[str, ...]) -> Expression:
    """Return what a condition means; raises QueryError for what is no param of the space."""
    expression = parse(text, now=_NO_TIME, zone=timezone.utc)
    return resolve(expression, [Column("params", name) for name in names])
