"""Values as the search index holds them: a kind that sorts, and what SQLite can compare exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from gitexp.comparison.query.expression import Column
from gitexp.model.values import Value, dumps, loads

LARGE, NUMBER, TEXT, BOOL, OTHER, NAN = range(6)
"""The kinds, in the order of `comparison.ranking`.

LARGE are integers beyond 64 bits, as digits; OTHER is JSON: lists, mappings, and texts that are
not UTF-8.
"""

_new = tuple.__new__
MOST, LEAST = 2**63 - 1, -(2**63)
"""The integers that SQLite holds as they are."""


class Cell(NamedTuple):
    """A value, not null: null and absent are the same to whoever asks."""

    kind: int
    value: int | float | str


def encode(value: Value) -> Cell | None:
    """Return a value as a cell, None for null.

    >>> encode(0.1), encode(True), encode([1])
    (Cell(kind=1, value=0.1), Cell(kind=3, value=1), Cell(kind=4, value='[1]'))
    """
    kind = value.__class__  # most are one of these two, and there are millions of them
    if kind is float and value == value:  # noqa: PLR0124 - NaN does not
        return _new(Cell, (NUMBER, value))
    if kind is str:
        return _of_text(cast("str", value))
    return None if value is None else _of_other(value)


def _of_text(value: str) -> Cell:
    return _new(Cell, (TEXT, value)) if is_text(value) else Cell(OTHER, dumps(value))


def _of_other(value: Value) -> Cell:
    if isinstance(value, float):
        return Cell(NAN, 0) if math.isnan(value) else Cell(NUMBER, value)
    if isinstance(value, bool):
        return Cell(BOOL, int(value))
    if isinstance(value, int):
        return Cell(NUMBER, value) if LEAST <= value <= MOST else Cell(LARGE, str(value))
    return _of_text(value) if isinstance(value, str) else Cell(OTHER, dumps(value))


def decode(kind: int, value: float | str) -> Value:
    """Return the value of a cell."""
    if kind == NUMBER or kind == TEXT:  # noqa: PLR1714, SIM109 - called for each of 100,000 runs
        return value
    if kind == BOOL:
        return bool(value)
    if kind == NAN:
        return math.nan
    return int(value) if kind == LARGE else loads(str(value))


def is_text(value: str) -> bool:
    """Return whether SQLite can hold a text as it is: half a surrogate pair is not UTF-8."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def text_of(value: str) -> str:
    """Return a text as SQLite can hold it; what is not UTF-8 is spelled out."""
    return value if is_text(value) else value.encode(errors="backslashreplace").decode()


ColumnIds = Callable[[Column], Sequence[int]]
"""Says which columns of the index a metric or param is: one for each project."""
