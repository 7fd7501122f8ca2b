"""What came of a run, as a sweep sees it: the numbers of its metrics, and where they belong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitexp.comparison.naming import meant
from gitexp.comparison.query.run_values import flat_values
from gitexp.model.record import RunRecord
from gitexp.model.values import Value, is_number
from gitexp.sweep.known import Settled
from gitexp.sweep.point import Spot
from gitexp.sweep.pruning.steps import Steps
from gitexp.sweep.sweep import Objective


def number_of(metrics: Mapping[str, Value], name: str) -> float | None:
    """Return the metric that a name means, by the rule of `naming`; None for several.

    >>> number_of({"val.loss": 0.5}, "loss"), number_of({"a:loss": 1, "b:loss": 2}, "loss")
    (0.5, None)
    """
    found = [metrics[one] for one in meant(name, metrics)]
    return float(found[0]) if len(found) == 1 and is_number(found[0]) else None


def objectives_of(record: RunRecord, objectives: Sequence[Objective]) -> tuple[float | None, ...]:
    """Return the metrics that a sweep is after; NaN and infinities as they are."""
    if not objectives:
        return ()
    metrics = flat_values(record.metrics)
    return tuple(number_of(metrics, one.metric) for one in objectives)


def settled_by(
    record: RunRecord,
    spot: Spot,
    values: Mapping[str, Value],
    objectives: Sequence[Objective],
    *,
    covered: bool = False,
    steps: Steps | None = None,
) -> Settled:
    """Return a run as what settles a spot."""
    return Settled(
        spot=spot,
        run_id=record.id,
        name=record.name,
        status=record.status,
        reason=record.exit.reason,
        ended=record.ended,
        values=values,
        objectives=objectives_of(record, objectives),
        covered=covered,
        attempt=record.point.attempt if record.point is not None and not covered else 1,
        known=record.point.known if record.point is not None and not covered else None,
        steps=steps.values if steps is not None else None,
        cut=steps is not None and steps.cut,
        seconds=record.duration,
        verdict=record.verdict if not covered else None,
        code=record.exit.code,
    )


def is_settling(status: str, reason: str | None) -> bool:
    """Return whether a run with this end says what its point is worth.

    One that was lost, or ended with its sweep, does not: it is run again.

    >>> is_settling("failed", None), is_settling("interrupted", "lost")
    (True, False)
    """
    return status != "interrupted" or reason in ("timeout", "pruned", "stopped")


def first_counting(found: Iterable[Settled]) -> list[Settled]:
    """Return the runs of one spot, that which counts first, in the same order in every clone.

    A run that is done counts before others, then the one that was asked for last, then the one
    that ended first.
    """
    return sorted(
        found, key=lambda one: (one.status != "done", -one.attempt, one.ended, one.run_id)
    )
