"""Which processes a run may have started."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
import uuid
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
    run_id = uuid.uuid4().hex[:10]  # another worker may be at this test
    marked = {**os.environ, "GITEXP_RUN_ID": run_id}
    with subprocess.Popen(["sleep", "600"], env=marked) as child:
        found = [*marked_processes(run_id, since=our_beginning())]
        child.kill()

    assert found == [child.pid]


def test_what_was_there_before_is_not_asked() -> None:
    """The first process of a machine is older than any other."""
    listed = [pid for pid, _ in processes._listed(our_beginning())]
    assert os.getpid() == 1 or 1 not in listed


@pytest.mark.parametrize(("memory", "place"), [("0", "0"), ("4096", "140722")])
def test_a_process_without_an_environment_is_not_waited_for(
    tmp_path: Path, memory: str, place: str
) -> None:
    """A thread of the kernel, or what was started by `env -i`."""
    (tmp_path / "stat").write_text(stat_of(memory, place))
    (tmp_path / "environ").touch()

    assert processes._environment(str(tmp_path), time.monotonic() + DEADLINE) == b""


def test_what_is_about_to_be_another_program_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel lets its parent go on before there is an environment: once in 60 starts."""
    (tmp_path / "stat").write_text(stat_of("4096", "0"))
    (tmp_path / "environ").touch()
    looked, look = threading.Event(), processes._stat

    def looking(place: str) -> list[bytes]:
        looked.set()
        return look(place)

    def come() -> None:
        looked.wait(DEADLINE)
        (tmp_path / "environ").write_bytes(b"A=1\0")

    monkeypatch.setattr(processes, "_stat", looking)
    coming = threading.Thread(target=come)
    coming.start()
    found = processes._environment(str(tmp_path), time.monotonic() + DEADLINE)
    coming.join()

    assert found == b"A=1\0"


def test_what_has_been_waited_for_long_enough_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stat").write_text(stat_of("4096", "0"))
    (tmp_path / "environ").touch()
    monkeypatch.delattr(time, "sleep")

    assert processes._environment(str(tmp_path), time.monotonic()) == b""


def stat_of(memory: str, end_of_environment: str) -> str:
    return f"7 (a) b) {' '.join(['S', *'1' * 19, memory, *'1' * 27, end_of_environment, '0'])}\n"


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
    said = f"{state} 0 0 0 0 0 {flags} 0 0 0 0 0 0 0 0 0 0 {threads}"
    assert processes._is_over(said.encode().split()) is is_over
