"""A little of `python -m tests.torture.kills` and `calls`, which do it 10,000 times."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.torture.calls import NOT_HIT, Calls
from tests.torture.faulty import STRACE
from tests.torture.killed.tasks import NOTE, TASKS
from tests.torture.kills import Kills
from tests.torture.places import Place


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    """A project in which commands are killed, and let fail."""
    made = Calls(tmp_path_factory.mktemp("killed"))
    yield made
    made.close()


@pytest.mark.parametrize("name", ["run", "push"])
def test_a_command_that_is_killed_twice_loses_nothing(calls: Calls, name: str) -> None:
    kills = Kills(calls, TASKS[name], measured=1)

    outcomes, wrong = kills.life(Random(20261130), most=2)

    assert outcomes
    assert wrong == []


@pytest.mark.skipif(STRACE is None, reason="calls are let fail by strace")
def test_a_call_that_fails_is_told_and_loses_nothing(calls: Calls) -> None:
    calls.whole(NOTE)

    outcome, wrong = calls.fail(NOTE, Place("main", "openat", 9), turn=0)

    assert outcome != NOT_HIT
    assert wrong == []
