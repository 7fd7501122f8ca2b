"""Which processes a run may have started."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gitexp.store import processes
from gitexp.store.processes import Place, marked_processes, our_beginning

from tests.workshop import DEADLINE

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


FIRST_THREAD_ENDS = """
import ctypes, platform, sys, threading
threading.Thread(target=sys.stdin.read).start()
ctypes.CDLL(None).syscall(ctypes.c_long({"x86_64": 60, "aarch64": 93}[platform.machine()]), 0)
"""
"""`exit` ends a thread, `exit_group` a process."""


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="needs a number")
def test_a_process_lives_while_a_thread_of_it_does() -> None:
    with subprocess.Popen([sys.executable, "-c", FIRST_THREAD_ENDS], stdin=subprocess.PIPE) as one:
        deadline = time.monotonic() + DEADLINE
        while psutil.Process(one.pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        place = Place.of(one.pid)
        is_seen = place.is_seen
        one.kill()

    assert (bool(place.started), is_seen, place.is_gone) == (True, True, True)


@pytest.mark.parametrize(
    ("state", "flags", "threads", "is_over"),
    [
        ("S", 0x400000, 1, False),
        ("Z", 0x40800C, 1, True),
        ("R", 0x400004, 1, True),  # it has begun to exit, and nobody has let it go on since
        ("D", 0x400000, 1, False),
        ("Z", 0x40800C, 2, False),
        ("X", 0x40800C, 0, True),
    ],
)
def test_a_process_is_over_when_none_of_its_code_can_run(
    state: str, flags: int, threads: int, is_over: bool
) -> None:
    fields = [state, *["0"] * 5, str(flags), *["0"] * 10, str(threads)]
    assert processes._is_over(fields) is is_over
