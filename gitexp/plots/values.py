"""Values of runs as charts: one against another, a front, over time, on parallel axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from gitexp.comparison.front import pareto_front
from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.model.policy import Goal
from gitexp.model.values import Scalar, is_number, same
from gitexp.plots.chart import Axis, Curve, Lines, Log, Parallel, Points

_MOST_AXES = 12
_NAMED = 3
"""How many runs are named."""


class Named(Struct, frozen=True):
    """One value of each run."""

    name: str
    values: tuple[Scalar, ...]


def scatter_chart(x: Named, y: Named, labels: Sequence[str], log: Log = "") -> Points:
    """Return one value of runs against another; runs that have no place there are counted.

    >>> chart = scatter_chart(Named("lr", (0.1, None)), Named("loss", (1.0, 2.0)), ["a", "b"])
    >>> chart.note
    '1 run without lr or loss'
    """
    there = [
        at
        for at, (across, up) in enumerate(zip(x.values, y.values, strict=True))
        if across is not None and is_number(up)
    ]
    if not there:
        raise GitexpError(
            f"no run has both '{x.name}' and a number for '{y.name}'",
            "`gitexp ls --all-columns` shows what they have.",
        )
    by_axis = ((x, "x" in log), (y, "y" in log))
    kept = [at for at in there if all(_has_place(one.values[at], is_log=to) for one, to in by_axis)]
    if not kept:
        raise GitexpError(f"no run has a place: in each, '{x.name}' or '{y.name}' is {_why(log)}")
    lacking = len(labels) - len(there)
    notes = [f"{counted(lacking, 'run')} without {x.name} or {y.name}"] if lacking else []
    notes += _left_out([labels[at] for at in there if at not in set(kept)], log)
    return Points(
        title=f"{y.name} against {x.name}",
        x_label=x.name,
        y_label=y.name,
        labels=tuple(labels[at] for at in kept),
        x=tuple(x.values[at] for at in kept),
        y=tuple(_number(y.values[at]) for at in kept),
        note="; ".join(notes),
        log=log,
    )


def _has_place(value: Scalar, *, is_log: bool) -> bool:
    """Return whether an axis has a place for a value: not for one that no axis reaches."""
    if not is_number(value):
        return True
    return math.isfinite(value) and (value > 0 or not is_log)


def _left_out(labels: Sequence[str], log: Log) -> list[str]:
    """Say which runs an axis has no place for; their values would only stretch the other one."""
    if not labels:
        return []
    more = len(labels) - _NAMED
    names = ", ".join(labels[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return [f"left out, as {_why(log)}: {names}"]


def _why(log: Log) -> str:
    return "not finite, or without a logarithm" if log else "not finite"


def _number(value: object) -> float:
    assert is_number(value)
    return value


def pareto_chart(
    x: Named, y: Named, labels: Sequence[str], goals: tuple[Goal, Goal], log: Log = ""
) -> Points:
    """Return two metrics with their front; `goals` are those of x and y."""
    numbers = Named(x.name, tuple(one if is_number(one) else None for one in x.values))
    chart = scatter_chart(numbers, y, labels, log)
    pairs = [(_number(across), up) for across, up in zip(chart.x, chart.y, strict=True)]
    best = " and ".join(
        f"{'high' if goal == 'max' else 'low'} {name}"
        for goal, name in zip(goals, (x.name, y.name), strict=True)
    )
    front = front_of(pairs, goals)
    told = f"{counted(len(front), 'run')} that no other beats in both ({best})"
    return Points(
        title=chart.title,
        x_label=chart.x_label,
        y_label=chart.y_label,
        labels=chart.labels,
        x=chart.x,
        y=chart.y,
        front=front,
        note="; ".join(filter(None, (told, chart.note))),
        log=log,
    )


def front_of(points: Sequence[tuple[float, float]], goals: tuple[Goal, Goal]) -> tuple[int, ...]:
    """Return the points that no other beats in both, from the best by x to the best by y.

    >>> front_of([(0.1, 9), (0.2, 5), (0.2, 7), (0.3, 6)], ("min", "min"))
    (0, 1)
    """
    return tuple(pareto_front(dict(enumerate(points)), goals))


def trend_chart(y: Named, labels: Sequence[str], goal: Goal | None, log: Log = "") -> Lines:
    """Return a value over the runs that have one, with the best so far if there is a goal."""
    kept = [at for at, value in enumerate(y.values) if is_number(value)]
    if not kept:
        raise GitexpError(
            f"no run has a number for '{y.name}'", "`gitexp ls --all-columns` shows what they have."
        )
    numbers = [_number(y.values[at]) for at in kept]
    missing = [labels[at] for at in kept if not _has_place(y.values[at], is_log="y" in log)]
    places: list[float] = list(range(1, len(kept) + 1))
    curves = [Curve(y.name, places, numbers)]
    if goal is not None:
        better = max if goal == "max" else min
        curves.append(Curve("best so far", places, list(_best_so_far(numbers, better))))
    lacking = len(labels) - len(kept)
    notes = [f"{labels[kept[0]]} to {labels[kept[-1]]}"]
    notes += [f"{counted(lacking, 'run')} without it"] if lacking else []
    notes += _left_out(missing, log)
    return Lines(
        title=f"{y.name} over {counted(len(kept), 'run')}",
        x_label="run",
        y_label=y.name,
        curves=tuple(curves),
        note="; ".join(notes),
        log=log,
        dots=len(kept) <= 60,  # noqa: PLR2004 - more would be a thick line
    )


def _best_so_far(
    numbers: Iterable[float], better: Callable[[float, float], float]
) -> Iterator[float]:
    """Yield the best of the numbers up to each: nothing is better than NaN, nor worse.

    >>> list(_best_so_far([math.nan, 3, math.nan, 2], min))
    [nan, 3, 3, 2]
    """
    best = math.nan
    for number in numbers:
        if math.isnan(best):
            best = number
        elif not math.isnan(number):
            best = better(best, number)
        yield best


def parallel_chart(columns: Sequence[Named], labels: Sequence[str], *, kept: int) -> Parallel:
    """Return the columns that vary side by side; the last `kept` stand there in any case."""
    must = columns[len(columns) - kept :]
    params = [one for one in columns[: len(columns) - kept] if _varies(one)]
    shown, more = params[: _MOST_AXES - kept], params[_MOST_AXES - kept :]
    return Parallel(
        title=f"{', '.join(one.name for one in must)} and the params that vary",
        labels=tuple(labels),
        axes=tuple(Axis(one.name, one.values) for one in (*shown, *must)),
        note=f"left out: {', '.join(one.name for one in more)}" if more else "",
    )


def _varies(column: Named) -> bool:
    return any(not same(one, column.values[0]) for one in column.values)
