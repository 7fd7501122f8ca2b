"""A few of the faults of `python -m tests.torture.faults`, which lets every call fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.faults import Torture, chosen
from tests.torture.faulty import STRACE
from tests.torture.places import Place


@pytest.mark.skipif(STRACE is None, reason="faults are let in by strace")
def test_a_call_that_fails_after_the_command_loses_no_run_and_makes_no_wrong_one(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    number = request.config.getoption("--fault-places")
    came = 0

    with Torture(tmp_path, "done", with_ways=False) as torture:
        for call in (_ref_moves(torture.calls), *_spread(torture.calls, number)):
            error, verdict = torture.fail(call, 0)
            if verdict is not None:
                came += 1
                assert verdict.wrong == (), (str(call), error, verdict.how, verdict.said)

    assert came, "not one of the calls came again"


def _ref_moves(calls: list[Place]) -> Place:
    """Return the call by which the branch, or its lock, gets its name."""
    return max(call for call in calls if call.who != "main" and call.call == "rename")


def _spread(calls: list[Place], number: int) -> list[Place]:
    step = max(len(calls) // number, 1)
    return chosen(calls, step, step // 2)[:number]
