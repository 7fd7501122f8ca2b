"""Raw values as people read them: short, truthful, and harmless to a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import (
    delta_text,
    duration_text,
    number_text,
    pair_texts,
    size_text,
    size_texts,
    spread_text,
    texts_apart,
)
from gitexp.model.text import harmless
from gitexp.model.values import are_numbers, dumps, is_number
from gitexp.rendering.course import IN_A_CELL, drawn
from gitexp.rendering.table import BLANK, Column, Kind, Table

NONE = "\N{EN DASH}"
"""Stands for what is absent."""

_ELLIPSIS = "…"
_LARGE = 1e6
_LEAST_PERCENT = 0.05


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters, the last being `…` if some were left out."""
    return f"{text[: limit - 1]}{_ELLIPSIS}" if 0 < limit < len(text) else text


def value_text(value: object) -> str:
    """Return a param or metric as text.

    >>> value_text([0.1 + 0.2, None, True, "adam", {"a": 1}])
    '[0.3, null, true, adam, {a: 1}]'
    """
    if isinstance(value, str):
        return value if value and value.strip() == value else dumps(value)
    if is_number(value):
        return number_text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict) and value:
        return f"{{{', '.join(f'{key}: {value_text(item)}' for key, item in value.items())}}}"
    return NONE if value is ABSENT else dumps(value)


def value_pair(old: object, new: object, limit: int = 0) -> tuple[str, str]:
    """Return two different values as texts that differ.

    >>> value_pair(1, "1"), value_pair(1e-7, 2e-7), value_pair(None, 0)
    (('1', '"1"'), ('1e-07', '2e-07'), ('null', '0'))
    """
    pair = (old, new)
    if are_numbers(pair):
        return pair_texts(*pair)
    texts = value_text(old), value_text(new)
    if texts[0] == texts[1] and old is not ABSENT and new is not ABSENT:
        texts = dumps(old), dumps(new)
    return _shortened_pair(*texts, limit)


def value_row(values: Sequence[object], limit: int = 0) -> list[str]:
    """Return any number of values as texts; if two differ, their texts do.

    >>> value_row([1e-7, 2e-7, ABSENT]), value_row([1, "1", None])
    (['1e-07', '2e-07', '–'], ['1', '"1"', 'null'])
    """
    there = [value for value in values if value is not ABSENT]
    if all(map(is_number, there)):
        found = iter(texts_apart([value for value in there if is_number(value)]))
        return [NONE if value is ABSENT else next(found) for value in values]
    texts = list(map(value_text, values))
    meant: dict[str, set[str]] = {}
    for text, value in zip(texts, values, strict=True):
        if value is not ABSENT:
            meant.setdefault(text, set()).add(dumps(value))
    whole = [
        dumps(value) if len(meant.get(text, ())) > 1 and value is not ABSENT else text
        for text, value in zip(texts, values, strict=True)
    ]
    return _shortened_together(whole, limit)


def size_row(sizes: Sequence[object]) -> list[str]:
    """Return any number of sizes as texts; if two differ, their texts do.

    >>> size_row([1_200_000, 3_400_000, None]), size_row([1_200_000, 1_200_001, 5])
    (['1.2 MB', '3.4 MB', '?'], ['1200000 B', '1200001 B', '5 B'])
    """
    texts = list(map(_size, sizes))
    if len(set(texts)) == len(set(sizes)):
        return texts
    return [f"{size} B" if isinstance(size, int) else _size(size) for size in sizes]


def _shortened_pair(old: str, new: str, limit: int) -> tuple[str, str]:
    texts = _shortened_together([old, new], limit)
    return texts[0], texts[1]


def _shortened_together(texts: list[str], limit: int) -> list[str]:
    """Cut texts so that what is left of them shows the first place where they differ."""
    long = [text for text in texts if limit and len(text) > limit]
    if not long:
        return texts
    ends = (min(long), max(long)) if len(long) > 1 else (min(texts), max(texts))
    pairs = enumerate(zip(*ends, strict=False))  # what these two share, all of them share
    first = next((at for at, (left, right) in pairs if left != right), min(map(len, ends)))
    start = max(0, first - limit // 4)
    return [
        shortened(f"{_ELLIPSIS}{text[start:]}" if start and len(text) > start else text, limit)
        for text in texts
    ]


def percent_text(part: float) -> str:
    """Return a relative change in percent, never as zero if it is not.

    >>> percent_text(0.0202), percent_text(-0.0000012), percent_text(0.0)
    ('+2.0 %', '-0.00012 %', '0.0 %')
    """
    percent = part * 100
    if percent == 0:
        return "0.0 %"
    ordinary = _LEAST_PERCENT <= abs(percent) < _LARGE
    return f"{percent:+.1f} %" if ordinary else f"{percent:+.2g} %"


def size_pair(old: object, new: object) -> tuple[str, str]:
    """Return two sizes as texts that differ if the sizes do.

    >>> size_pair(1_200_000, 1_200_001)
    ('1200000 B', '1200001 B')
    """
    if isinstance(old, int) and isinstance(new, int):
        return size_texts(old, new)
    return _size(old), _size(new)


def _size(size: object) -> str:
    if size is ABSENT:
        return NONE
    return size_text(size) if isinstance(size, int) else "?"


def told_apart(old: object, new: object) -> tuple[object, object]:
    """Quote the text of two values that would be written the same, one of them being text.

    >>> told_apart(1, "1"), told_apart("a", "b")
    ((1, '"1"'), ('a', 'b'))
    """
    if isinstance(old, str) and not isinstance(new, str) and new is not ABSENT:
        return (dumps(old) if old == dumps(new) else old), new
    if isinstance(new, str) and not isinstance(old, str) and old is not ABSENT:
        return old, (dumps(new) if new == dumps(old) else new)
    return old, new


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
    "size": _size,
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
