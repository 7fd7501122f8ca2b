"""The plan of a sweep: what is wanted, held against what is known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.values import Value
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.lacking import is_hopeless, lacking
from gitexp.sweep.options import Again
from gitexp.sweep.plan import Plan
from gitexp.sweep.point import Point, Spot, point_of
from gitexp.sweep.sampling.gate import count_points
from gitexp.sweep.sampling.grid import Grid
from gitexp.sweep.sampling.random import RandomSampler
from gitexp.sweep.sampling.sampler import Exhausted
from gitexp.sweep.sweep import Sweep

Covered = Callable[[Sequence[Point]], list[Settled]]
"""Returns those of some points that runs outside of the sweep settle."""

MOST_POINTS = 100_000
"""How many points a sweep can have; a day has 86,400 seconds."""


def nothing_covered(_: Sequence[Point]) -> list[Settled]:
    """Say that no run covers any point."""
    return []


def make_plan(
    sweep: Sweep,
    known: Known,
    points: int | None,
    *,
    covered: Covered = nothing_covered,
    again: Again | None = None,
) -> Plan:
    """Return what is to do until a number of points is settled; None for all of a grid."""
    if again is None:  # which is how a person says that it is mended
        check_metrics(sweep, known.settled.values())
    grid = Grid(sweep.space) if sweep.sampler == "grid" else None
    size = len(grid) if grid is not None else None
    if points is None and size is None and (numbers := _numbers(known)):
        points = max(numbers) + 1  # a sweep that goes on, to where it was meant to come so far
    wanted = _wanted(points, size)
    if grid is None:
        size = count_points(sweep.space)
        wanted = wanted if size is None else min(wanted, size)
    if wanted > MOST_POINTS:
        raise GitexpError(
            f"{wanted:,} points are more than a sweep can have",
            f"`-N` may be {MOST_POINTS:,} at most.",
        )
    drawn = _drawn(sweep, wanted)
    wanted = wanted if drawn is None else len(drawn)
    spots = [*_spots(sweep, wanted)]
    again_too = {spot for spot in spots if _is_again(known.settled.get(spot), again)}
    open_spots = [spot for spot in spots if known.is_open(spot) or spot in again_too]
    settled = [known.settled[spot] for spot in spots if spot in known.settled]
    plan = Plan(
        sweep,
        points=wanted,
        size=size,
        settled=tuple(one for one in settled if one.spot not in again_too),
        under_way=tuple(spot for spot in spots if spot in known.under_way),
        given_up=tuple(spot for spot in spots if known.is_given_up(spot)),
    )
    if drawn is not None:
        values: Callable[[int], Mapping[str, Value]] = drawn.__getitem__
    elif grid is not None:
        values = grid.values
    else:
        return replace(plan, undecided=len(open_spots))
    to_run = [point_of(sweep, spot, values(spot.number)) for spot in open_spots]
    found = covered(to_run) if again is None else []
    spared = {one.spot for one in found}
    rest = tuple(point for point in to_run if point.spot not in spared)
    return replace(plan, run=rest, covered=tuple(found))


def _drawn(sweep: Sweep, points: int) -> list[Mapping[str, Value]] | None:
    """Return random points, as many as there are; None if others choose them."""
    if sweep.sampler != "random":
        return None
    sampler = RandomSampler(sweep)
    found: list[Mapping[str, Value]] = []
    with contextlib.suppress(Exhausted):
        while len(found) < points:
            found.append(sampler.propose(len(found), ()).values)
    return found


def _numbers(known: Known) -> list[int]:
    return [spot.number for spots in (known.settled, known.under_way, known.lost) for spot in spots]


def _wanted(points: int | None, size: int | None) -> int:
    if points is None and size is None:
        raise GitexpError("nothing says how many points are wanted", "Add `-N 50`, say.")
    if points is None and size is not None and size > MOST_POINTS:
        raise GitexpError(
            f"the grid has {size:,} points",
            "Say how many of them with `-N`, in their order, or add `--sampler random`.",
        )
    return min(one for one in (points, size) if one is not None)


def _spots(sweep: Sweep, points: int) -> Iterator[Spot]:
    for number in range(points):
        for repeat in range(1, sweep.repeats + 1):
            yield Spot(number, repeat)


def _is_again(settled: Settled | None, again: Again | None) -> bool:
    if settled is None or again is None:
        return False
    return again == "all" or not settled.has_result


def check_metrics(sweep: Sweep, settled: Iterable[Settled]) -> None:
    """Raise GitexpError if runs enough have ended well, and none has a metric that is asked for."""
    done = [one for one in settled if one.status == "done"]
    if is_hopeless(sweep, done):
        raise GitexpError(
            f"none of {len(done)} runs has a number '{lacking(sweep, done)[0]}'",
            f"`gitexp show {done[-1].name}` has the metrics that there are: begin a sweep with the "
            "name of one of them. If `metrics` in gitexp.yaml was the reason and is mended, add "
            "`--again failed`.",
        )
