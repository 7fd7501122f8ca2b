"""The conditions of a space, `when` and `such_that`: whether values fulfil them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache

from msgspec.structs import replace

from gitexp.comparison.naming import meant
from gitexp.comparison.query.attributes import ATTRIBUTES
from gitexp.comparison.query.evaluate import matches
from gitexp.comparison.query.expression import Column, Expression, leaves
from gitexp.comparison.query.parse import Parser
from gitexp.comparison.query.place import QueryError, UnknownName, quoted
from gitexp.comparison.query.predicates import Clock
from gitexp.comparison.query.resolve import resolve
from gitexp.comparison.query.run_values import RunValues
from gitexp.comparison.query.spelling import KEYWORDS
from gitexp.comparison.query.tokens import Token, tokens
from gitexp.model.values import Value
from gitexp.sweep.space import Axis, Space

_NO_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)
"""A condition names no time: params have none, so this is never looked at."""


def applies(axis: Axis, names: tuple[str, ...], values: Mapping[str, Value]) -> bool:
    """Return whether an axis has a value in a point.

    `names` are those of all axes of the space, `values` those of the axes before it.
    """
    if axis.when is None:
        return True
    before = names[: names.index(axis.name)]
    return matches(read_condition(axis.when, before), RunValues(params=values))


def admits(space: Space, values: Mapping[str, Value]) -> bool:
    """Return whether a point's values fulfil `such_that`.

    >>> from gitexp.sweep.space import Choices
    >>> space = Space((Axis("a", Choices((1, 2))),), such_that="a < 2")
    >>> admits(space, {"a": 1}), admits(space, {"a": 2})
    (True, False)
    """
    if space.such_that is None:
        return True
    return matches(read_condition(space.such_that, space.names), RunValues(params=values))


def check_conditions(space: Space) -> None:
    """Raise QueryError for a condition that is none, or is about something else than axes."""
    for at, axis in enumerate(space.axes):
        if axis.when is not None:
            read_condition(axis.when, space.names[:at])
    if space.such_that is not None:
        read_condition(space.such_that, space.names)


@lru_cache(maxsize=64)
def read_condition(text: str, names: tuple[str, ...]) -> Expression:
    """Return what a condition on params means.

    >>> read_condition("model = rf", ("model",))
    Comparison(column=Column(kind='params', name='model'), op='==', value='rf')
    """
    said = tokens(text)
    found = [
        _as_text(token, names) if _is_compared(said[:at]) else token
        for at, token in enumerate(said)
    ]
    expression = Parser(found, Clock(_NO_TIME, timezone.utc)).whole()
    for column in (one.column for one in leaves(expression)):
        if column.kind in ("attribute", "metrics"):
            what = "an attribute of runs" if column.kind == "attribute" else "a metric"
            hint = f"A condition is about what is tried: {', '.join(names) or 'nothing so far'}."
            raise QueryError(f"{quoted(str(column))} is {what}", column.place, hint)
    try:
        return resolve(expression, [Column("params", name) for name in names])
    except UnknownName as unknown:
        what = f"no axis {quoted(str(unknown.place))} to decide by"
        raise QueryError(what, unknown.place, unknown.hint) from unknown


def _is_compared(before: Sequence[Token]) -> bool:
    """Return whether a constant comes next: after an operator, or in the list of `in`."""
    last = [token.text if token.kind == "sign" else token.word for token in before[-2:]]
    return bool(before) and (
        before[-1].kind == "operator" or last[-1] in (",", "like", "ilike") or last == ["in", "("]
    )


def _as_text(token: Token, names: tuple[str, ...]) -> Token:
    """Return a word that names no axis as a text: `rf` of `model = rf` needs no quotes."""
    if token.kind != "name" or token.word in KEYWORDS or str(token.place) in ATTRIBUTES:
        return token
    name = token.text
    return token if meant(name, names) or "." in name else replace(token, kind="text")
