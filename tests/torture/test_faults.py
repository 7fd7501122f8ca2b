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
    torture = Torture(tmp_path, "done")
    number = request.config.getoption("--fault-places")

    came = 0
    for place in (_ref_moves(torture.places), *_spread(torture.places, number)):
        error, verdict = torture.fail(place, 0)
        if verdict is not None:
            came += 1
            assert verdict.wrong == (), (str(place), error, verdict.how, verdict.said)

    assert came, "not one of the calls came again"


def _ref_moves(places: list[Place]) -> Place:
    """Return the place where the branch, or its lock, gets its name."""
    return max(place for place in places if place.who != "main" and place.call == "rename")


def _spread(places: list[Place], number: int) -> list[Place]:
    step = max(len(places) // number, 1)
    return chosen(places, step, step // 2)[:number]
