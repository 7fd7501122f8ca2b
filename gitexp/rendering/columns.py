"""The columns of a table as texts: each cell by its kind, and within its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import delta_text, duration_text, spread_text
from gitexp.model.text import harmless
from gitexp.model.values import is_number
from gitexp.rendering.cells import (
    NONE,
    percent_text,
    shortened,
    size_cell,
    size_pair,
    value_pair,
    value_text,
)
from gitexp.rendering.course import IN_A_CELL, drawn
from gitexp.rendering.table import BLANK, Column, Kind, Table


def _delta(delta: object) -> str:
    return delta_text(delta) if isinstance(delta, int | float) else ""


def _percent(part: object) -> str:
    return percent_text(part) if isinstance(part, int | float) else ""


def _duration(seconds: object) -> str:
    return duration_text(seconds) if is_number(seconds) else NONE


def _spread(found: object) -> str:
    return spread_text(*found) if isinstance(found, tuple) else NONE


def _course(numbers: object) -> str:
    return drawn(numbers, IN_A_CELL) if isinstance(numbers, list) else NONE


_NUMBERS = frozenset({int, float})
"""Their types as such: a bool is not one."""
_ALWAYS_NUMBERS = frozenset({"size", "duration", "delta", "percent", "spread"})

_TEXTS: dict[Kind, Callable[[object], str]] = {
    "text": str,
    "name": str,
    "mark": str,
    "value": value_text,
    "size": size_cell,
    "duration": _duration,
    "delta": _delta,
    "percent": _percent,
    "spread": _spread,
    "course": _course,
}


class Written(NamedTuple):
    """One column of a table, written."""

    column: Column
    texts: list[str]
    """Each harmless and within the limit of the column."""
    are_numbers: bool
    """Whether its cells are numbers, which stand on the right."""


def written(table: Table) -> list[Written]:
    """Return the columns of a table as texts."""
    raw = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    found = zip(table.columns, _texts(table.columns, raw), raw, strict=True)
    return [Written(column, texts, _are_numbers(column, cells)) for column, texts, cells in found]


def _are_numbers(column: Column, values: Iterable[object]) -> bool:
    if column.kind == "value":
        return all(type(one) in _NUMBERS or one is ABSENT or one is BLANK for one in values)
    return column.kind in _ALWAYS_NUMBERS


def _texts(columns: Sequence[Column], raw: Sequence[Sequence[object]]) -> list[list[str]]:
    texts: list[list[str]] = []
    joined = [*(bool(column.joined) for column in columns[1:]), False]
    for at, column in enumerate(columns):
        # The width of a terminal will cut names and paths: elsewhere they have to differ.
        limit = 0 if column.by_its_end else column.limit
        if column.joined:
            pairs = _pairs(column.kind, raw[at - 1], raw[at], limit)
            texts.append(_cut((old for old, _ in pairs), limit))
            texts.append(_cut((new for _, new in pairs), limit))
        elif not joined[at]:  # else it is written with the next one
            text = _TEXTS[column.kind]
            cells = ("" if value is BLANK else text(value) for value in raw[at])
            texts.append(_cut(cells, limit))
    return texts


def _cut(texts: Iterable[str], limit: int) -> list[str]:
    return [
        text
        if text.isprintable() and len(text) <= (limit or len(text))
        else shortened(harmless(text), limit)
        for text in texts
    ]


def _pairs(
    kind: Kind, old: Sequence[object], new: Sequence[object], limit: int
) -> list[tuple[str, str]]:
    return [_pair(kind, left, right, limit) for left, right in zip(old, new, strict=True)]


def _pair(kind: Kind, old: object, new: object, limit: int) -> tuple[str, str]:
    if new is BLANK or old is BLANK:
        text = _TEXTS[kind]
        return "" if old is BLANK else text(old), "" if new is BLANK else text(new)
    return size_pair(old, new) if kind == "size" else value_pair(old, new, limit)
