"""Nested values compared: numbers as numbers, NaN as equal to itself."""

from __future__ import annotations

from typing import Any

from gitexp.contents.answer import EQUAL, Answer, differs

_SHOWN = 40


def compare_values(old: Any, new: Any) -> Answer:
    """Compare what JSON and YAML can hold; names the first difference."""
    todo: list[tuple[str, Any, Any]] = [("", old, new)]
    while todo:
        path, one, other = todo.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                odd = min(map(str, one.keys() ^ other.keys()))
                return differs(f"only one has '{_inside(path, odd)}'")
            todo += [(_inside(path, key), one[key], other[key]) for key in reversed(list(one))]
        elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
            if len(one) != len(other):
                return differs(f"{_at(path)}of length {len(one)}, now {len(other)}")
            pairs = zip(one, other, strict=True)
            found = [(f"{path}[{at}]", a, b) for at, (a, b) in enumerate(pairs)]
            todo += reversed(found)
        elif not same_value(one, other):
            return differs(f"{_at(path)}{_text(one)}, now {_text(other)}")
    return EQUAL


def same_value(one: Any, other: Any) -> bool:
    """Return whether two plain values are the same; True is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - NaN


def _inside(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _at(path: str) -> str:
    return f"'{path}' was " if path else ""


def _text(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
