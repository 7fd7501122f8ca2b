"""Which processes a run may have started."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from gitexp.store import processes
from gitexp.store.processes import marked_processes, our_beginning

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@pytest.mark.parametrize("set_by", [0, 7200, -7200])
def test_what_this_program_has_started_is_found_whoever_has_set_the_clock(
    monkeypatch: pytest.MonkeyPatch, set_by: int
) -> None:
    monkeypatch.setattr(processes, "_WALL", time.time() + set_by)  # the clock that was
    monkeypatch.setattr(processes, "_ELAPSED", time.clock_gettime(processes._CLOCK))
    marked = {**os.environ, "GITEXP_RUN_ID": "abcdefghij"}
    with subprocess.Popen(["sleep", "60"], env=marked) as child:
        found = [*marked_processes("abcdefghij", since=our_beginning())]
        child.kill()

    assert found == [child.pid]


def test_what_was_there_before_is_not_asked() -> None:
    """The first process of a machine is older than any other."""
    listed = [pid for pid, _ in processes._listed(our_beginning())]
    assert os.getpid() == 1 or 1 not in listed
