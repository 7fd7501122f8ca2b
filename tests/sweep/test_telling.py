from __future__ import annotations

import math
from typing import Any

from gitexp.sweep.known import Known, Settled, UnderWay
from gitexp.sweep.point import Spot
from gitexp.sweep.sampling.sampler import Result
from gitexp.sweep.telling import result_of

from tests.sweep.virtual import sweep_of

POINT = {"lr": 0.1}


def run(*objectives: float | None, repeat: int = 1, **more: Any) -> Settled:
    given: dict[str, Any] = {"status": "done", "reason": None}
    return Settled(
        spot=Spot(0, repeat),
        run_id=f"run{repeat}",
        name="scan-0",
        ended="2026-01-02T03:04:05Z",
        values=POINT,
        objectives=objectives,
        **(given | more),
    )


def told(*runs: Settled, seeds: tuple[int, ...] = (), goals: str = "min") -> Result:
    known = Known(settled={one.spot: one for one in runs})
    return result_of(sweep_of("tpe", seeds=seeds, goals=goals), 0, known, POINT)


def test_a_run_with_a_number_for_each_objective_is_complete() -> None:
    assert told(run(0.5)) == Result(0, POINT, "complete", (0.5,))
    assert told(run(0.5, 2.0), goals="min max") == Result(0, POINT, "complete", (0.5, 2.0))


def test_a_run_that_says_nothing_of_its_point_has_failed() -> None:
    silent = [
        run(0.5, status="failed"),
        run(0.5, status="interrupted", reason="timeout"),
        run(None),
        run(math.nan),
        run(-math.inf),
    ]

    assert [told(one).told for one in silent] == ["failed"] * 5
    assert told(run(0.5, None), goals="min max").told == "failed"


def test_a_run_that_was_cut_off_is_told_with_its_steps_however_it_ended() -> None:
    steps = {0: 1.0, 1: 0.9}
    pruned = run(None, status="interrupted", reason="pruned", steps=steps, cut=True)
    faster = run(0.5, steps=steps, cut=True)

    assert told(pruned) == told(faster) == Result(0, POINT, "pruned", steps=steps)


def test_repeats_are_told_as_their_mean_once_all_are_over() -> None:
    one, other = run(0.5), run(0.7, repeat=2)
    failed = run(None, repeat=2, status="failed")

    assert told(one, seeds=(0, 1)).told == "pending"
    assert told(one, other, seeds=(0, 1)) == Result(0, POINT, "complete", (0.6,))
    assert told(one, failed, seeds=(0, 1)) == Result(0, POINT, "complete", (0.5,))


def test_a_point_that_nobody_could_finish_has_failed() -> None:
    sweep, spot = sweep_of("tpe"), Spot(0)

    def known(lost: int) -> Known:
        return Known(lost={spot: lost})

    assert result_of(sweep, 0, known(2), POINT).told == "pending"
    assert result_of(sweep, 0, known(3), POINT).told == "failed"


def test_what_a_point_knew_goes_with_it() -> None:
    taken = UnderWay(Spot(0), "run", 1, "here", known="0-3")

    result = result_of(sweep_of("tpe"), 0, Known(under_way={Spot(0): taken}), POINT)

    assert result == Result(0, POINT, "pending", known="0-3")
