"""Sweeps in virtual time: agents that take points and end them, with no process and no clock."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from gitexp.sweep.chooser import Chooser
from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.point import Spot
from gitexp.sweep.sampling.samplers import sampler_of
from gitexp.sweep.space import Axis, Choices, Interval, Space
from gitexp.sweep.sweep import Objective, SamplerName, Sweep

Values = Mapping[str, Any]
Measure = Callable[[Values], "tuple[float | None, ...]"]

MIXED = Space(
    (
        Axis("lr", Interval(1e-4, 1e-1, log=True)),
        Axis("depth", Choices((2, 4, 8, 16), ordered=True)),
        Axis("model", Choices(("forest", "net"))),
        Axis("units", Interval(8, 256, integer=True, log=True), when="model = 'net'"),
    )
)
"""A logarithm, a range, a choice, and a whole number that only one of its values has."""


def sweep_of(
    sampler: SamplerName, space: Space = MIXED, *, goals: str = "min", **more: Any
) -> Sweep:
    """Return a definition with one objective for each goal."""
    objectives = tuple(
        Objective(f"metric{at}", "max" if goal == "max" else "min")
        for at, goal in enumerate(goals.split())
    )
    given = {"command": ("train",), "inputs": "0" * 40, "objectives": objectives}
    return Sweep(space=space, sampler=sampler, **(given | more))


def bowl(values: Values) -> tuple[float, ...]:
    """Return a loss with its least value at lr 0.01, depth 4, and a net of 64 units."""
    units = abs(math.log2(values["units"]) - 6) if "units" in values else 4
    return (abs(math.log10(values["lr"]) + 2) + abs(values["depth"] - 4) / 4 + units / 4,)


def chooser_of(sweep: Sweep) -> Chooser:
    """Return what a new process has: nothing that another one worked out."""
    return Chooser(sweep, sampler_of(sweep))


def settled(sweep: Sweep, number: int, values: Values, measure: Measure, **more: Any) -> Settled:
    """Return the run of a point; values go through JSON, as they do on the branch."""
    measured = measure(values)
    return Settled(
        spot=Spot(number),
        run_id=f"run{number}",
        name=f"{sweep.name}-{number}",
        status="done" if None not in measured else "failed",
        reason=None,
        ended="2026-01-02T03:04:05Z",
        values=json.loads(json.dumps(values)),
        objectives=measured,
        **more,
    )


def worked(
    sweep: Sweep,
    points: int,
    measure: Measure = bowl,
    *,
    jobs: int = 1,
    duration: Callable[[int], float] = lambda _: 1.0,
    known: Known | None = None,
    asap: bool = False,
) -> Known:
    """Have agents work on a sweep until so many points are settled; return what is known then.

    Each has a chooser of its own. `duration` is how long a point takes.
    """
    known = known if known is not None else Known()
    free = [chooser_of(sweep) for _ in range(jobs)]
    running: list[tuple[float, int, Chooser]] = []
    now = 0.0
    while len(known.settled) < points:
        number = next(one for one in range(points + 1) if known.is_open(Spot(one)))
        ready = number < points and free and (asap or not free[0].waits_for(number, known))
        if ready:
            agent = free.pop(0)
            by = agent.known_now(number, known) if asap else None
            values = agent.choose(number, known, by).values
            taken = UnderWay(Spot(number), f"run{number}", 1, "here", values, by)
            known = replace(known, under_way={**known.under_way, taken.spot: taken})
            heapq.heappush(running, (now + duration(number), number, agent))
            continue
        now, number, agent = heapq.heappop(running)
        free.append(agent)
        left = dict(known.under_way)
        taken = left.pop(Spot(number))
        assert taken.values is not None
        run = settled(sweep, number, taken.values, measure, known=taken.known)
        known = replace(known, settled={**known.settled, run.spot: run}, under_way=left)
    return known


def points_of(known: Known) -> list[Values]:
    """Return the values of the points, in the order of their numbers."""
    return [known.settled[spot].values for spot in sorted(known.settled)]
