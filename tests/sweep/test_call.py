"""When a call of a sweep comes to its end, and which runs count for it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.model.record import Status
from gitexp.sweep.call import Call
from gitexp.sweep.known import Known, Settled
from gitexp.sweep.local import agent_calls
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.point import Spot

BEFORE, AFTER = "2026-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"


def settled(number: int, status: Status, ended: str = AFTER, reason: str | None = None) -> Settled:
    """Return what came of a point."""
    return Settled(Spot(number), f"id{number}", f"scan-{number}", status, reason, ended, {})


def known(*runs: Settled) -> Known:
    """Return what is known if this is all."""
    return Known({run.spot: run for run in runs})


def test_three_failures_at_the_start_are_enough_unless_something_else_is_said() -> None:
    call = Call(SweepOptions())
    failures = [settled(number, "failed") for number in range(3)]

    assert call.why_over(known(*failures[:2])) is None
    assert call.why_over(known(*failures)) == "the first 3 runs all failed"
    assert call.why_over(known(*failures, settled(3, "done", BEFORE))) is None
    patient = Call(SweepOptions(max_failures=4))
    assert patient.why_over(known(*failures)) is None
    assert patient.why_over(known(*failures, settled(3, "failed"))) == "4 runs failed"


def test_failures_of_earlier_calls_and_pruned_runs_do_not_count() -> None:
    call = Call(SweepOptions(max_failures=1))

    assert call.why_over(known(settled(0, "failed", BEFORE))) is None
    assert call.why_over(known(settled(0, "interrupted", reason="pruned"))) is None
    assert call.why_over(known(settled(0, "interrupted", reason="timeout"))) == "1 run failed"


def test_what_is_run_again_is_what_ended_before_the_call() -> None:
    failed, done = settled(0, "failed", BEFORE), settled(1, "done", BEFORE)
    for again, counting in ((None, [True, True]), ("failed", [False, True]), ("all", [False] * 2)):
        call = Call(SweepOptions(again=again))  # type: ignore[arg-type] # of a tuple of texts
        assert [call.counts(failed), call.counts(done)] == counting
        assert call.counts(settled(0, "failed", AFTER))


def test_agents_are_told_all_of_a_call() -> None:
    options = SweepOptions(points=7, slots=("PLACE=a", "PLACE=b X=1"), jobs=2, max_time=60.0)

    first, second = agent_calls(options, {"OMP_NUM_THREADS": "3"})

    assert Call.from_text(second.to_text()) == second
    assert (second.slot, second.options) == ("PLACE=b X=1", options)
    assert second.environment["PLACE"] == "b"
    assert second.environment["X"] == "1"
    assert "OMP_NUM_THREADS" not in second.environment  # somebody has set it
    assert second.environment["MKL_NUM_THREADS"] == str(second.threads)
    assert first.deadline is not None
    with pytest.raises(GitexpError, match="not a call"):
        Call.from_text("{}")


@pytest.mark.parametrize(("threads", "expected"), [("keep", None), (5, 5)])
def test_threads_are_as_they_are_asked_for(threads: object, expected: int | None) -> None:
    options = replace(SweepOptions(), threads=threads)

    (call,) = agent_calls(options, {})

    assert call.threads == expected
    assert call.environment.get("OMP_NUM_THREADS") == (str(expected) if expected else None)
