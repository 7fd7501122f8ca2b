"""A sweep for programs: JSON and rows."""

from __future__ import annotations

from msgspec import to_builtins

from gitexp.rendering.table import Flat
from gitexp.sweep.known import Settled
from gitexp.sweep.progress import Progress, Ranked, outcome_of, ranked
from gitexp.sweep.sweep import Sweep

BEST = 5
"""How many of the best points are told."""


def axes_shown(sweep: Sweep) -> list[str]:
    """Return the axes that have more than one value: the others are the same everywhere."""
    return [axis.name for axis in sweep.space.axes if axis.count > 1]


def sweep_data(progress: Progress) -> dict[str, object]:
    """Return a sweep for programs."""
    sweep = progress.sweep
    best = ranked(sweep, progress.settled)[:BEST]
    return {
        "sweep": sweep.id,
        "name": sweep.name,
        "expect": sweep.hypothesis.expect if sweep.hypothesis is not None else None,
        "points": progress.points,
        "runs": progress.runs,
        "done": progress.count("done"),
        "failed": progress.count("failed"),
        "pruned": progress.count("pruned"),
        "stopped": progress.count("stopped"),
        "covered": progress.covered,
        "running": len(progress.known.under_way),
        "given_up": [list(spot) for spot in progress.given_up],
        "importance": to_builtins(progress.importance),
        "best": [one.first.name for one in best],
        "best_points": [_point(sweep, one) for one in best],
        "settled": [_one(sweep, one) for one in progress.settled],
    }


def _point(sweep: Sweep, one: Ranked) -> dict[str, object]:
    return {
        "point": one.first.spot.number,
        "runs": [run.name for run in one.runs],
        "values": to_builtins(one.first.values),
        "metrics": {
            aim.metric: {"mean": found.mean, "standard_deviation": found.deviation}
            for aim, found in zip(sweep.objectives, one.objectives, strict=True)
        },
    }


def _one(sweep: Sweep, one: Settled) -> dict[str, object]:
    metrics = (aim.metric for aim in sweep.objectives)
    return {
        "point": one.spot.number,
        "repeat": one.spot.repeat,
        "run": one.run_id,
        "name": one.name,
        "outcome": outcome_of(one),
        "covered": one.covered,
        "verdict": one.verdict,
        "seconds": one.seconds,
        "values": to_builtins(one.values),
        "metrics": dict(zip(metrics, one.objectives, strict=False)),
    }


def sweep_flat(progress: Progress) -> Flat:
    """Return a sweep as rows, one for each run."""
    sweep = progress.sweep
    names = axes_shown(sweep)
    metrics = [one.metric for one in sweep.objectives]
    columns = ("point", "repeat", "name", "outcome", "seconds", *names, *metrics)
    rows = (
        [*one.spot, one.name, outcome_of(one), one.seconds]
        + [one.values.get(name) for name in names]
        + [*one.objectives]
        for one in progress.settled
    )
    return Flat(columns, rows)
