"""The order of runs by one of their values, which the SQL of the search index must agree with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from gitexp.comparison.changes import ABSENT
from gitexp.model.numbers import is_nan
from gitexp.model.policy import Policy, Rule
from gitexp.model.values import dumps, is_number

Direction = Literal["asc", "desc"]
Run = TypeVar("Run")

_NUMBER, _TEXT, _BOOL, _OTHER, _NAN, _NOTHING = range(6)
"""The kinds of values, in the order in which they come whatever the direction is."""


def ranked(
    runs: Iterable[Run], value: Callable[[Run], object], direction: Direction = "asc"
) -> list[Run]:
    """Return the runs by value: numbers, texts, true and false, the rest, NaN, and no value.

    Runs of equal values stay in the order given. Texts are ordered by code point, lists and
    mappings by their JSON.

    >>> ranked([0.2, None, float("nan"), "adam", 0.1], lambda value: value, "desc")
    [0.2, 0.1, 'adam', nan, None]
    """
    by_kind: list[list[tuple[float | str, Run]]] = [[] for _ in range(_NOTHING + 1)]
    for run in runs:
        kind, key = _place(value(run))
        by_kind[kind].append((key, run))
    for found in by_kind:
        found.sort(key=lambda pair: pair[0], reverse=direction == "desc")
    return [run for found in by_kind for _, run in found]


def _place(value: object) -> tuple[int, float | str]:
    """Return the kind of a value, and what orders it among its kind."""
    if value is None or value is ABSENT or value == ():  # no tags
        return _NOTHING, 0
    if isinstance(value, bool):
        return _BOOL, value
    if is_number(value):
        return (_NAN, 0) if is_nan(value) else (_NUMBER, value)
    if isinstance(value, str):
        return _TEXT, value
    return _OTHER, dumps(value)


def ruled_name(policy: Policy, metric: str) -> str:
    """Return the name by which a policy has a metric, which may have its file before it.

    >>> from gitexp.model.policy import Rule
    >>> ruled_name(Policy((("loss", Rule("min")), ("*", Rule("max")))), "metrics.json:loss")
    'loss'
    """
    file, _, key = metric.rpartition(":")
    found = policy.named(file, key)
    if found == key and policy.rule(key) is None and policy.rule(metric) is not None:
        return metric  # a pattern has it by its file
    return found


def ruled(policy: Policy, metric: str) -> Rule | None:
    """Return the rule for a metric, which may have its file before it.

    >>> from gitexp.model.policy import Rule
    >>> policy = Policy((("loss", Rule("min")), ("a.json:loss", Rule("max"))))
    >>> [rule.goal for one in ("a.json:loss", "b.json:loss") if (rule := ruled(policy, one))]
    ['max', 'min']
    """
    return policy.rule(ruled_name(policy, metric))


def natural_direction(policy: Policy, metric: str) -> Direction | None:
    """Return in which direction the best come first; None if the policy does not say.

    A rule for a name is one for `FILE:name`, too.

    >>> from gitexp.model.policy import Rule
    >>> natural_direction(Policy((("loss", Rule("min")),)), "loss")
    'asc'
    """
    rule = ruled(policy, metric)
    if rule is None or rule.goal is None:
        return None
    return "desc" if rule.goal == "max" else "asc"
