"""The smallest changes that turn one document into another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from gitexp.model.identical import identical
from gitexp.model.values import Value

Path: TypeAlias = "tuple[str, ...]"
"""Keys from the root of a document; an item of a list goes by its index."""

_MOST_ITEMS = 20
"""From this many changed items on, a whole list is written again."""


class Absent(Enum):
    """What stands where there is no value, which is not the same as null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


class Act(Enum):
    """What happens to the value at a path."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


class Change(Struct, frozen=True):
    """One value to add, replace or remove."""

    act: Act
    path: Path
    value: Value = None


def lookup(value: Value, path: Path) -> Value | Absent:
    """Return the value at a path.

    >>> lookup({"layers": [{"units": 3}]}, ("layers", "0", "units"))
    3
    """
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and (index := index_in(value, part)) is not None:
            value = value[index]
        else:
            return ABSENT
    return value


def index_in(items: Sequence[object], part: str) -> int | None:
    """Return the index that a part of a path names, if the list is long enough."""
    is_index = part.isascii() and part.isdigit() and len(part) < len(str(len(items))) + 1
    return int(part) if is_index and int(part) < len(items) else None


def differences(old: Value, new: Value, path: Path = ()) -> Iterator[Change]:
    """Yield what to change; the first is right by itself, the others as long as it is not done."""
    if isinstance(old, dict) and isinstance(new, dict) and (new or not path):
        yield from _in_mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        changes = list(_in_lists(old, new, path))
        whole = len(changes) > _MOST_ITEMS
        yield from [Change(Act.REPLACE, path, new)] if whole else changes
    elif not identical(old, new):
        yield Change(Act.REPLACE, path, new)


def _in_mappings(
    old: Mapping[str, Value], new: Mapping[str, Value], path: Path
) -> Iterator[Change]:
    for key, value in old.items():
        if key in new:
            yield from differences(value, new[key], (*path, key))
        else:
            yield Change(Act.REMOVE, (*path, key))
    for key, value in new.items():
        if key not in old:
            yield Change(Act.ADD, (*path, key), value)


def _in_lists(old: list[Value], new: list[Value], path: Path) -> Iterator[Change]:
    shorter = min(len(old), len(new))
    head = agreeing(old, new)
    tail = min(agreeing(old[::-1], new[::-1]), shorter - head)
    removed, added = len(old) - head - tail, len(new) - head - tail
    if added > removed and tail:
        yield Change(Act.REPLACE, path, list(new))
        return
    for index in range(head, head + min(removed, added)):
        yield from differences(old[index], new[index], (*path, str(index)))
    for index in range(head + added, head + removed):
        yield Change(Act.REMOVE, (*path, str(index)))
    for index in range(head + removed, head + added):
        yield Change(Act.ADD, (*path, str(index)), new[index])


def agreeing(old: Sequence[Value], new: Sequence[Value]) -> int:
    """Return how many items agree from the start."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (a, b) in pairs if not identical(a, b)), min(len(old), len(new)))
