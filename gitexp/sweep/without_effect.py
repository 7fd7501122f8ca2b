"""Axes that made no difference: perhaps the command does not read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gitexp.sweep.known import Settled
from gitexp.sweep.progress import is_measured
from gitexp.sweep.sweep import Sweep

_ENOUGH = 2
"""So many runs have to come to the same as one that differs from them in one axis alone."""


def without_effect(sweep: Sweep, settled: Iterable[Settled]) -> tuple[str, ...]:
    """Return the axes that changed nothing which the sweep is after, to the last digit."""
    if not sweep.objectives:
        return ()
    measured = [one for one in settled if one.status == "done" and is_measured(one, sweep)]
    axes = (axis.name for axis in sweep.space.axes if axis.count > 1)
    return tuple(name for name in axes if _changes_nothing(name, measured))


def _changes_nothing(name: str, measured: Sequence[Settled]) -> bool:
    """Return whether runs that differ in one axis alone are all alike, and are enough of them."""
    alike: dict[object, dict[str, object]] = defaultdict(dict)
    for one in measured:
        others = sorted(f"{key}={value!r}" for key, value in one.values.items() if key != name)
        values = alike[one.spot.repeat, tuple(others)]
        if values and one.objectives not in values.values():
            return False
        values[repr(one.values.get(name))] = one.objectives
    return sum(len(values) - 1 for values in alike.values()) >= _ENOUGH
