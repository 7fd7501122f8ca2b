"""What mattered in a sweep: which axes decided the metric, as far as the runs can tell.

An importance is a number for any two runs, and means nothing then. So it is worked out again on
resamples of the runs, and an order that most of them do not agree on is not told.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from msgspec import Struct

RESAMPLES = 20
AGREEING = 15
"""How many resamples have to have two axes in the same order, for the order to be told."""
RUNS_FOR_AN_AXIS = 10
"""How many results for each axis there have to be, for anything to be told."""


class Importance(Struct, frozen=True):
    """How much each axis mattered; the shares add up to 1."""

    shares: Mapping[str, float]
    """By the names of the axes, the most important one first."""
    groups: tuple[tuple[str, ...], ...]
    """The same names in the same order, those together that cannot be told apart."""
    agreeing: int
    """In how many resamples the first axis comes first."""
    resamples: int = RESAMPLES


def needed_runs(axes: int) -> int:
    """Return how many results it takes to say anything of so many axes."""
    return RUNS_FOR_AN_AXIS * axes


def importance_of(
    shares: Mapping[str, float], resampled: Sequence[Mapping[str, float]]
) -> Importance:
    """Return what can be said, by the shares of all runs and those of resamples.

    >>> importance_of({"lr": 0.3, "depth": 0.7}, [{"lr": 0.2, "depth": 0.8}] * 20).groups
    (('depth',), ('lr',))
    """
    names = sorted(shares, key=lambda name: (-shares[name], name))
    first = sum(max(one, key=lambda name: one[name]) == names[0] for one in resampled)
    groups = [[names[0]]]
    for above, below in itertools.pairwise(names):
        agreeing = sum(one[above] > one[below] for one in resampled)
        if above == names[0]:
            agreeing = min(agreeing, first)
        if agreeing >= AGREEING:
            groups.append([below])
        else:
            groups[-1].append(below)
    ordered = {name: shares[name] for name in names}
    return Importance(ordered, tuple(map(tuple, groups)), first, len(resampled))


def importance_text(importance: Importance) -> str:
    """Return it as the end of a sweep says it.

    >>> shares, sure = {"depth": 0.51, "lr": 0.3, "b": 0.1, "a": 0.09}, (("depth",), ("lr",))
    >>> importance_text(Importance(shares, (*sure, ("b", "a")), 19))
    'depth 0.51 (19 of 20 resamples), lr 0.30; too few runs to tell b from a'
    """
    sure = []
    for number, group in enumerate(importance.groups):
        if len(group) == 1:
            name = group[0]
            told = f" ({importance.agreeing} of {importance.resamples} resamples)"
            sure.append(f"{name} {importance.shares[name]:.2f}{'' if number else told}")
    unsure = [
        f"too few runs to tell {' from '.join(group)}"
        for group in importance.groups
        if len(group) > 1
    ]
    return "; ".join(filter(None, [", ".join(sure), *unsure]))
