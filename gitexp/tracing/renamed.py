"""What a value was called before: the best of the values that a commit took away."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from msgspec import Struct

from gitexp.model.policy import Rule
from gitexp.model.values import Value, is_number, same

_PLAIN = (0, 1)
"""Numbers that so many metrics have that they say nothing of where one is from."""


class Leaf(Struct, frozen=True, order=True):
    """A value's place: its file, from the top of the repository, and its flat name there."""

    path: str
    name: str


def was_called(
    leaf: Leaf, value: Value, rule: Rule, gone: Iterable[tuple[Leaf, Value]]
) -> tuple[Leaf, Value] | None:
    """Return which of the values that are gone is the one that has come; None if none is.

    One with the same last part of its name may have moved within its tolerance. Another must be
    the same number, and one that tells: neither 0 nor 1.

    >>> gone = [(Leaf("m.json", "acc"), 0.91), (Leaf("m.json", "loss"), 0.2)]
    >>> was_called(Leaf("m.json", "val.accuracy"), 0.91, Rule(), gone)
    (Leaf(path='m.json', name='acc'), 0.91)
    >>> was_called(Leaf("m.json", "val.loss"), 0.3, Rule(), gone)
    """
    found = [
        (*_likeness(leaf, old), old, before)
        for old, before in gone
        if _may_be(leaf, value, rule, old, before)
    ]
    if not found:
        return None
    *_, old, before = min(found, key=lambda one: one[:-1])
    return old, before


def _may_be(leaf: Leaf, value: Value, rule: Rule, old: Leaf, before: Value) -> bool:
    if same(before, value):
        return _last(leaf) == _last(old) or (is_number(value) and value not in _PLAIN)
    numbers = is_number(value) and is_number(before)
    return numbers and _last(leaf) == _last(old) and _tolerates(rule, before, value)


def _tolerates(rule: Rule, old: Value, new: Value) -> bool:
    return is_number(old) and is_number(new) and rule.tolerates(old, new)


def _likeness(leaf: Leaf, old: Leaf) -> tuple[bool, bool, bool, float]:
    """Return how little two places are alike; what is the least is the best."""
    name = difflib.SequenceMatcher(None, leaf.name, old.name, autojunk=False).ratio()
    return leaf.name != old.name, _last(leaf) != _last(old), leaf.path != old.path, -name


def _last(leaf: Leaf) -> str:
    return leaf.name.rpartition(".")[2]
