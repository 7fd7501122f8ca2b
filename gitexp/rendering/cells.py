"""Raw values as people read them: short, truthful, and harmless to a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import (
    number_text,
    pair_texts,
    size_text,
    size_texts,
    texts_apart,
)
from gitexp.model.values import are_numbers, dumps, is_number

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
    texts = list(map(size_cell, sizes))
    if len(set(texts)) == len(set(sizes)):
        return texts
    return [f"{size} B" if isinstance(size, int) else size_cell(size) for size in sizes]


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
    return size_cell(old), size_cell(new)


def size_cell(size: object) -> str:
    """Return a size as text, `?` if it is not known."""
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
