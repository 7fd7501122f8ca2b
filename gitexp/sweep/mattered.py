"""What mattered in a sweep that has ended, if enough runs have and Optuna is installed."""

from __future__ import annotations

import importlib.util

from gitexp.sweep.importance import Importance, needed_runs
from gitexp.sweep.known import Known
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.telling import result_of

_TO_COMPARE = 2


def results_of(sweep: Sweep, known: Known) -> list[Result]:
    """Return what came of each point that is over, by number."""
    values = {spot.number: one.values for spot, one in sorted(known.settled.items())}
    return [
        result_of(sweep, number, known, values[number])
        for number in sorted(values)
        if known.is_over(number, sweep.repeats)
    ]


def why_unsaid(sweep: Sweep, known: Known) -> str:
    """Say why nothing is told of the order of axes; nothing if one alone varies."""
    axes = sum(axis.count > 1 for axis in sweep.space.axes)
    if axes < _TO_COMPARE or not sweep.objectives:
        return ""
    found, needed = sum(one.has_result for one in known.settled.values()), needed_runs(axes)
    if found < needed:
        return f"too few results to say: {found}, and {axes} axes take {needed}"
    if importlib.util.find_spec("optuna") is None:
        return "Optuna tells it (`pip install optuna`)"
    return "nothing can be said of it"


def what_mattered(sweep: Sweep, known: Known) -> Importance | None:
    """Return how much each axis mattered; None if nothing can be said of it."""
    axes = sum(axis.count > 1 for axis in sweep.space.axes)
    if not axes or not sweep.objectives or len(known.settled) < needed_runs(axes):
        return None
    if importlib.util.find_spec("optuna") is None:
        return None
    from gitexp.sweep.sampling.mattering import importance_in  # noqa: PLC0415 - 200 ms, Optuna

    return importance_in(sweep, results_of(sweep, known))
