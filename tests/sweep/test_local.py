"""Agents of one machine: what is said of one that is killed again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.sweep.call import Call
from gitexp.sweep.local import Agents
from gitexp.sweep.options import SweepOptions


def test_an_agent_that_is_killed_for_good_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    agents = Agents(tmp_path, tmp_path, "aaaaaaaaaa", said.append)
    monkeypatch.setattr(agents, "_command", ("sh", "-c", "kill -9 $$"))

    with agents.working([Call(SweepOptions())]):
        assert agents.wait(60)

    assert agents.codes == [-9]
    assert said == ["warning: agent 1 is not started again: signal 9 has ended it 6 times"]
