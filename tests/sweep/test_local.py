"""Agents of one machine: what is said where one is killed again and again, or none can start."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.sweep.call import Call
from gitexp.sweep.local import Agents
from gitexp.sweep.options import SweepOptions
from gitexp.sweep.told import Told

from tests.workshop import DEADLINE


def test_an_agent_that_is_killed_for_good_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    agents = Agents(tmp_path, tmp_path, "aaaaaaaaaa", said.append)
    monkeypatch.setattr(agents, "_command", ("sh", "-c", "kill -9 $$"))

    with agents.working([Call(SweepOptions())]):
        assert agents.wait(DEADLINE)

    assert agents.codes == [-9]
    assert said == ["warning: agent 1 is not started again: signal 9 has ended it 6 times"]


@pytest.fixture
def no_threads() -> Iterator[None]:
    """The system lets no thread be started: none could have such a stack."""
    before = threading.stack_size(1 << 46)
    yield
    threading.stack_size(before)


@pytest.mark.usefixtures("no_threads")
def test_where_no_thread_can_be_started_that_is_said(tmp_path: Path) -> None:
    agents = Agents(tmp_path, tmp_path, "aaaaaaaaaa", print)
    ours, theirs = os.pipe()

    with pytest.raises(GitexpError, match="no thread can be started"), agents.working([]):
        pass
    with pytest.raises(GitexpError, match="no thread can be started"):
        Told().watch(ours)

    os.close(ours)
    os.close(theirs)
