"""The three-way merge of documents as values, key by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from msgspec import Struct

from gitexp.model.documents.changes import ABSENT, Absent, Path
from gitexp.model.identical import identical
from gitexp.model.values import Value

Found: TypeAlias = "Value | Absent"
T = TypeVar("T")
Three: TypeAlias = tuple[T, T, T]


class Merged(Struct, frozen=True):
    """What a merge came to; the three differ in the keys that are in conflict, and only there."""

    base: dict[str, Value]
    ours: dict[str, Value]
    theirs: dict[str, Value]
    taken: tuple[Path, ...]
    """Paths that are as the other side left them."""
    conflicts: tuple[Path, ...]
    """Paths that both sides changed, and not alike."""


class _Merge:
    def __init__(self, is_whole: Callable[[Path], bool]) -> None:
        self.is_whole = is_whole
        self.taken: list[Path] = []
        self.conflicts: list[Path] = []

    def mapping(
        self, base: dict[str, Value], ours: dict[str, Value], theirs: dict[str, Value], at: Path
    ) -> Three[dict[str, Value]]:
        """Return the mapping for base, ours and theirs, which differ in what is in conflict."""
        results: Three[dict[str, Value]] = ({}, {}, {})
        for key in dict.fromkeys((*ours, *theirs, *base)):
            values = (base.get(key, ABSENT), ours.get(key, ABSENT), theirs.get(key, ABSENT))
            for result, value in zip(results, self.value(*values, (*at, key)), strict=True):
                if not isinstance(value, Absent):
                    result[key] = value
        return results

    def value(self, base: Found, ours: Found, theirs: Found, at: Path) -> Three[Found]:
        if identical(ours, theirs) or identical(theirs, base):
            return ours, ours, ours
        if identical(ours, base):
            self.taken.append(at)
            return theirs, theirs, theirs
        if isinstance(ours, dict) and isinstance(theirs, dict) and not self.is_whole(at):
            return self.mapping(base if isinstance(base, dict) else {}, ours, theirs, at)
        self.conflicts.append(at)
        return base, ours, theirs


def merge_values(
    base: dict[str, Value],
    ours: dict[str, Value],
    theirs: dict[str, Value],
    is_whole: Callable[[Path], bool] = lambda _: False,
) -> Merged:
    """Merge documents; a mapping at a key that is whole is not merged within.

    >>> merge_values({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 4}).conflicts
    (('a',),)
    """
    merge = _Merge(is_whole)
    three = merge.mapping(base, ours, theirs, ())
    return Merged(*three, tuple(merge.taken), tuple(merge.conflicts))
