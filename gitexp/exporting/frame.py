"""Runs as a table whose columns have one type each."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from gitexp.comparison.changes import ABSENT
from gitexp.exporting.texts import plain_text
from gitexp.model.record import parse_time
from gitexp.rendering.run_data import flat_runs
from gitexp.rendering.run_rows import RunRow

_MOMENTS = frozenset({"started", "ended"})
_LARGEST, _EXACT = 2**63 - 1, 2**53
"""The largest integer of 64 bits, and the largest up to which floats have all of them."""


class Type(enum.Enum):
    """What all values of a column are; each may be absent."""

    TRUTH = "bool"
    INTEGER = "int64"
    NUMBER = "float64"
    TEXT = "text"
    MOMENT = "timestamp"


class Column(Struct, frozen=True):
    """A column, named as `gitexp ls --csv` does."""

    name: str
    type: Type


class Frame(Struct, frozen=True):
    """Runs, a row each."""

    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[list[object]]]
    """Yields the rows, from the start at each call; None for what is absent."""


def frame_of(runs: Sequence[RunRow]) -> Frame:
    """Return runs as a table with the columns of `gitexp ls --csv`, read row by row.

    A column of texts among other values has these as JSON, as one of lists or mappings has.
    """
    flat = flat_runs(runs)
    seen = _seen(flat.columns, flat.rows)
    columns = tuple(Column(name, _type(name, seen[at])) for at, name in enumerate(flat.columns))
    return Frame(columns, lambda: _rows(columns, flat_runs(runs).rows))


class _Seen(Struct):
    """What a column has."""

    types: set[type]
    most: int = 0
    """The largest integer, whatever its sign."""


def _seen(names: Sequence[str], rows: Iterable[Sequence[object]]) -> list[_Seen]:
    seen = [_Seen(set()) for _ in names]
    for row in rows:
        for one, value in zip(seen, row, strict=True):
            if value is None or value is ABSENT:
                continue
            one.types.add(type(value))
            if isinstance(value, int):
                one.most = max(one.most, abs(value))
    return seen


def _type(name: str, seen: _Seen) -> Type:
    if name in _MOMENTS:
        return Type.MOMENT
    if seen.types == {bool}:
        return Type.TRUTH
    if seen.types == {int} and seen.most <= _LARGEST:
        return Type.INTEGER
    is_number = bool(seen.types) and seen.types <= {int, float}
    if is_number and float in seen.types and seen.most <= _EXACT:
        return Type.NUMBER
    return Type.TEXT


def _rows(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    types = [column.type for column in columns]
    for row in rows:
        yield [_as(one, value) for one, value in zip(types, row, strict=True)]


def _as(wanted: Type, value: object) -> object:
    if value is None or value is ABSENT:
        return None
    if wanted is Type.NUMBER:
        return float(value)  # type: ignore[arg-type]
    if wanted is Type.TEXT:
        return plain_text(value)
    return _moment(value) if wanted is Type.MOMENT else value


def _moment(value: object) -> datetime:
    return parse_time(str(value))
