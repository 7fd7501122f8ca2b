"""The rows of a table or a log, of which some stand for the run: the last ones, or the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

from gitexp.model.policy import Policy
from gitexp.model.values import is_number

Row = Literal["last", "best"]

_Cell = TypeVar("_Cell")

_COUNTERS = ("epoch", "step", "global_step", "training_iteration", "iteration", "iter")
"""What rows of one moment have in common, the widest first: Lightning and the Trainer of
transformers write training and validation into rows of their own."""
_LATER = frozenset({*_COUNTERS, "time", "timestamp", "total_time", "time_total_s"})


def last(rows: Sequence[Mapping[str, _Cell]]) -> dict[str, _Cell]:
    """Return the last value of each column; a row need not have all of them.

    >>> last([{"loss": 3}, {"loss": 2, "acc": 1}, {"loss": 1}])
    {'loss': 1, 'acc': 1}
    """
    found: dict[str, _Cell] = {}
    for row in rows:
        found.update(row)
    return found


def best(
    rows: Sequence[Mapping[str, _Cell]],
    policy: Policy,
    read: Callable[[_Cell], object],
) -> dict[str, _Cell] | None:
    """Return the row in which a metric is best that has a goal, with those of the same moment.

    Of several such metrics the one counts whose rule comes first. None if there is none.
    """
    columns = dict.fromkeys(name for row in rows for name in row)
    for name in policy.ordered(columns):
        rule = policy.rule(name)
        if rule is None or rule.goal is None:
            continue
        values = {at: read(row[name]) for at, row in enumerate(rows) if name in row}
        known = {at: one for at, one in values.items() if is_number(one) and not math.isnan(one)}
        if known:
            choose = max if rule.goal == "max" else min
            return _of_moment(rows, choose(known, key=lambda at: known[at]))
    return None


def _of_moment(rows: Sequence[Mapping[str, _Cell]], at: int) -> dict[str, _Cell]:
    counter = next((name for name in _COUNTERS if name in rows[at]), None)
    if counter is None:
        return dict(rows[at])
    together = [row for row in rows if counter in row and row[counter] == rows[at][counter]]
    return last([*together, rows[at]])


def measured(values: Mapping[str, _Cell], policy: Policy) -> dict[str, _Cell]:
    """Return the values that measure, by flat names: without those that only count.

    What the policy names stays, and all where nothing else is there.

    >>> measured({"loss": 0.5, "step": 199, "m.csv:epoch": 3}, Policy())
    {'loss': 0.5}
    """
    found = {
        name: one
        for name, one in values.items()
        if name.rpartition(":")[2] not in _LATER or policy.rule(name) is not None
    }
    return found or dict(values)


def counters_last(values: Mapping[str, _Cell]) -> dict[str, _Cell]:
    """Return the values, those that only count after those that measure.

    >>> counters_last({"epoch": 1, "loss": 0.5})
    {'loss': 0.5, 'epoch': 1}
    """
    late = {name: one for name, one in values.items() if name in _LATER}
    return {**{name: one for name, one in values.items() if name not in late}, **late}
