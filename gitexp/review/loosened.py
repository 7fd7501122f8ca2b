"""What new settings no longer demand, and what they demand less of, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from gitexp.comparison.ranking import ruled, ruled_name
from gitexp.model.change_rules import Allowance, Budget, ChangeRules
from gitexp.model.numbers import number_text, size_text
from gitexp.model.policy import Policy, Rule, is_pattern
from gitexp.review.words import part_text

_PARTS = ("relative_tolerance", "max_relative_drop")
_KINDS = ("params", "code", "data", "environment")
_STRICTER: tuple[str, ...] = get_args(Allowance)
"""The allowances, the strictest last."""
_NOTHING = Rule()


def loosened_rules(old: Policy, new: Policy, metrics: Iterable[str]) -> Iterator[str]:
    """Yield what became of each rule that is looser now, as a phrase.

    A metric may lose its limits to another rule, so the metrics that are there count by name.

    >>> rule, looser = Rule("max", max_drop=0.01, min=0.9), Rule("max", max_drop=0.5)
    >>> list(loosened_rules(Policy((("f1", rule),)), Policy((("f1", looser),)), []))
    ['looser: f1: min 0.9 is gone, max_drop 0.01 → 0.5']
    """
    before, after = dict(old.rules), dict(new.rules)
    for name, rule in old.rules:
        now = after.get(name) if is_pattern(name) else ruled(new, name)
        yield from _told(name, _looser(rule, now or _NOTHING))
    for name in sorted({*after, *metrics} - set(before)):
        at = None if is_pattern(name) else old.position(ruled_name(old, name))
        if at is None:
            continue
        key, rule = old.rules[at]
        now = ruled(new, name)
        if now is not None and now != after.get(key):  # else reported for the pattern itself
            yield from _told(name, _looser(rule, now))


def loosened_changes(old: ChangeRules, new: ChangeRules) -> Iterator[str]:
    """Yield what may change now that might not, and what may grow more.

    >>> list(loosened_changes(ChangeRules(data="forbidden"), ChangeRules()))
    ['looser: data forbidden → noted']
    """
    for kind in _KINDS:
        before, after = getattr(old, kind), getattr(new, kind)
        if _STRICTER.index(after) < _STRICTER.index(before):
            yield f"looser: {kind} {before} → {after}"
    if old.signatures == "required" and new.signatures == "optional":
        yield "looser: signatures required → optional"
    after = dict(new.sizes)
    for pattern, budget in old.sizes:
        yield from _told(pattern, _larger(budget, after.get(pattern, Budget())))


def _told(subject: str, changes: Iterable[str]) -> Iterator[str]:
    words = ", ".join(changes)
    if words:
        yield f"looser: {subject}: {words}"


def _looser(old: Rule, new: Rule) -> Iterator[str]:
    yield from _looser_limits(old, new)
    for key in ("tolerance", "relative_tolerance"):
        before, after = getattr(old, key), getattr(new, key)
        if after > before:
            yield f"{key} {_text(key, before)} → {_text(key, after)}"
    if old.required and not new.required:
        yield "required is gone"
    elif old.required is None and old.limits and new.required is False:
        yield "required → false"


def _looser_limits(old: Rule, new: Rule) -> Iterator[str]:
    if old.goal is not None and new.goal != old.goal:
        yield f"goal {old.goal} is gone" if new.goal is None else f"goal {old.goal} → {new.goal}"
    for key in ("min", "max", "max_drop", "max_relative_drop"):
        before, after = getattr(old, key), getattr(new, key)
        if before is not None and after is None:
            yield f"{key} {_text(key, before)} is gone"
        elif before is not None and (after < before if key == "min" else after > before):
            yield f"{key} {_text(key, before)} → {_text(key, after)}"


def _text(key: str, value: float) -> str:
    return part_text(value) if key in _PARTS else number_text(value)


def _larger(old: Budget, new: Budget) -> Iterator[str]:
    if old.max_size is not None and (new.max_size is None or new.max_size > old.max_size):
        yield _moved("max_size", size_text(old.max_size), new.max_size and size_text(new.max_size))
    before, after = (
        (one.max_growth or 0, one.max_growth_bytes or 0, _growth(one)) for one in (old, new)
    )
    if before[2] and (after[2] is None or after[0] > before[0] or after[1] > before[1]):
        yield _moved("max_growth", before[2], after[2])


def _growth(budget: Budget) -> str | None:
    if budget.max_growth is not None:
        return part_text(budget.max_growth)
    return None if budget.max_growth_bytes is None else size_text(budget.max_growth_bytes)


def _moved(key: str, old: str, new: str | int | None) -> str:
    return f"{key} {old} → {new}" if new else f"{key} {old} is gone"
