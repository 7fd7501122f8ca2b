"""Runs as what samplers are told: results, failures, and points that nothing is known of yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gitexp.sweep.known import Known, Settled
from gitexp.sweep.point import Spot
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.sweep import Sweep


def result_of(
    sweep: Sweep, number: int, known: Known, values: Mapping[str, Any], *, pending: bool = False
) -> Result:
    """Return what a point is told as; one whose runs are not all over is pending."""
    spots = [Spot(number, repeat) for repeat in range(1, sweep.repeats + 1)]
    runs = [known.settled[spot] for spot in spots if spot in known.settled]
    by = _chosen_by(spots[0], known)
    if pending or not known.is_over(number, sweep.repeats):
        return Result(number, values, "pending", known=by)
    measured = [run for run in runs if _counts(run, sweep)]
    if measured:
        means = tuple(_means(measured))
        return Result(number, values, "complete", means, measured[0].steps, by)
    cut = next((run for run in runs if run.cut), None)
    if cut is not None:
        return Result(number, values, "pruned", steps=cut.steps, known=by)
    return Result(number, values, "failed", known=by)


def _counts(run: Settled, sweep: Sweep) -> bool:
    """Return whether a run has a number for each objective; one that was cut off counts as cut.

    A run may be done before the pruner's signal reaches it. Whether it was so fast must decide
    nothing, or a sweep could not be repeated.
    """
    if run.status != "done" or run.cut:
        return False
    finite = (value is not None and math.isfinite(value) for value in run.objectives)
    return len(run.objectives) == len(sweep.objectives) and all(finite)


def _means(runs: Sequence[Settled]) -> list[float]:
    columns = zip(*(run.objectives for run in runs), strict=True)
    return [math.fsum(value or 0.0 for value in column) / len(runs) for column in columns]


def _chosen_by(spot: Spot, known: Known) -> str | None:
    """Return which results a point was chosen by, if that is noted."""
    if spot in known.settled:
        return known.settled[spot].known
    return known.under_way[spot].known if spot in known.under_way else None
