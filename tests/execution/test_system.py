"""What a command uses is looked at from outside, seldom, and never to its harm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace

import psutil
import pytest

from gitexp.execution.record.system_curves import system_curves
from gitexp.execution.system.gpus import Gpu, Gpus
from gitexp.execution.system.sampler import Sampler
from gitexp.execution.system.tree import Tree
from gitexp.model.system import Row, rows_in
from gitexp.series.tables import read_tables

from tests.execution.workshop import Eventually, StartGitexp, TheRun
from tests.workshop import DEADLINE, Gitexp

TREE = """\
import subprocess, sys, time
held = b"x" * 30_000_000
while time.process_time() < 0.05: pass
argv = [sys.executable, "-c", "print(flush=True); input()"]
child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
input()
child.communicate(b"\\n")
print("over", flush=True)
input()
"""
"""A process with a child, both of which wait."""
SLOW = """\
import time
from pathlib import Path

while not Path("end").exists():
    time.sleep(0.01)
Path("metrics.json").write_text('{"loss": 0.5}')
"""


@pytest.fixture
def tree() -> Iterator[subprocess.Popen[str]]:
    """A process with a child."""
    argv = [sys.executable, "-c", TREE]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_all_processes_of_a_command_count_and_none_is_lost_when_it_ends(
    tree: subprocess.Popen[str],
) -> None:
    assert tree.stdin is not None
    assert tree.stdout is not None
    child = int(tree.stdout.readline())
    looked = Tree(tree.pid)

    both = looked.look()
    alone = psutil.Process(tree.pid).memory_info().rss
    print(file=tree.stdin, flush=True)
    assert tree.stdout.readline() == "over\n"
    after = looked.look()
    tree.kill()
    tree.wait()

    assert both is not None
    assert after is not None
    assert both.pids == (tree.pid, child)
    assert both.memory > alone > 30_000_000
    assert after.pids == (tree.pid,)
    assert after.cpu >= both.cpu > 0
    assert looked.look() is None


def sampled(pid: int, file: Path, *moments: float) -> list[Row]:
    """Sample a process at moments after its start, by a clock that stands still meanwhile."""
    now = [100.0]
    sampler = Sampler(pid, file, lambda: now[0], elapsed=0.0)
    for moment in moments:
        now[0] = 100.0 + moment
        sampler.look()
    return rows_in(file.read_bytes())


def test_looks_come_every_second_and_seldom_later(tmp_path: Path) -> None:
    moments = [*range(1, 31), *range(1000, 1200)]

    rows = sampled(os.getpid(), tmp_path / "rows", *map(float, moments))

    assert [row.at for row in rows[:5]] == [1.0, 2.0, 3.0, 4.0, 5.0]
    later = [row.at for row in rows if row.at >= 1000]
    assert len(later) == 5
    assert all(40 <= after - before <= 50 for before, after in pairwise(later))
    first = rows[0]
    assert first.seconds == 1.0
    assert [*first.means][:2] == ["cpu", "memory"]
    used = sum(psutil.Process().memory_info()[:1])
    assert 0.2 < first.means["memory"] / used < 5
    assert rows[-1].means["cpu"] <= first.means["cpu"]


def test_processes_that_nobody_may_look_at_are_not_asked_about_at_once_again(
    tmp_path: Path,
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    now = [100.0]
    sampler = Sampler(ended.pid, tmp_path / "rows", lambda: now[0], elapsed=0.0)
    ended.wait()

    sampler.look()

    assert sampler.pause > 1


def test_what_was_logged_under_the_name_of_these_curves_stays() -> None:
    rows = [Row(float(at), 1.0, {"cpu": 0.5, "memory": 7}) for at in range(10)]
    logged = {"series/system.tsv": b"step\tsystem/loss\tsystem/cpu\n3\t0.25\t99\n"}

    [table] = system_curves(rows, logged).values()

    curves = read_tables({"system": table.decode()})
    assert curves["system/loss"].values == [0.25]
    assert curves["system/memory"].values == [7] * 10
    assert (curves["system/cpu"].steps, curves["system/cpu"].values) == ([3], [99])


class NVMLError(Exception):
    """As the library has it."""


def test_gpus_that_the_command_is_on_are_looked_at_or_those_that_it_may_use() -> None:
    """There is no GPU here: the library is a module of the same words."""
    nvml = ModuleType("pynvml")
    on = {0: [(10, 5_000)], 1: [(11, 2_000), (12, 1_000)], 2: []}
    vars(nvml).update(
        NVMLError=NVMLError,
        nvmlDeviceGetCount=lambda: len(on),
        nvmlDeviceGetHandleByIndex=lambda at: at,
        nvmlDeviceGetComputeRunningProcesses=lambda at: [
            SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in on[at]
        ],
        nvmlDeviceGetUtilizationRates=lambda at: SimpleNamespace(gpu=20 * (at + 1)),
        nvmlDeviceGetMemoryInfo=lambda at: SimpleNamespace(used=9_000 + at),
    )

    def look(visible: str | None, *pids: int) -> list[Gpu]:
        return Gpus(nvml, visible).look(pids)

    assert look(None, 11, 12) == [Gpu(1, 0.4, 3_000)]
    assert look("2,0", 99) == [Gpu(0, 0.2, 9_000), Gpu(2, 0.6, 9_002)]
    assert look("", 99) == []
    assert len(look(None, 99)) == len(look("GPU-1234", 99)) == 3

    def gone(_: int) -> None:
        raise NVMLError

    vars(nvml).update(nvmlDeviceGetUtilizationRates=gone)
    assert look(None, 11) == []


def test_a_run_of_a_while_says_what_it_used(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    gitexp: Gitexp,
    the_run: TheRun,
) -> None:
    (work_tree / "slow.py").write_text(SLOW)
    (work_tree / ".gitignore").write_text("end\n")
    running = start_gitexp("run", "-n", "long", "--", "python", "slow.py")
    folder = work_tree / ".git" / "gitexp" / "runs"
    eventually(lambda: any(one.stat().st_size for one in folder.glob("*/system.jsonl")))
    [file] = folder.glob("*/system.jsonl")
    line = file.read_bytes().splitlines(keepends=True)[0]
    with file.open("ab") as opened:
        opened.write(line * 10)  # of a run of some seconds
    (work_tree / "end").touch()
    assert running.wait(DEADLINE) == 0

    shown = gitexp("show", "long")
    long = the_run()
    assert [*long.record.system][:2] == ["cpu", "memory"]
    assert long.record.system["memory"].peak > 1_000_000
    assert "System\n  what" in shown.out
    table = long.text(".gitexp/series/system.tsv").splitlines()
    assert table[0].split("\t")[:3] == ["step", "system/cpu", "system/memory"]


def test_nothing_is_imported_for_a_command_that_ends_at_once() -> None:
    """What looks at a command is imported after a second of it; `psutil` alone takes 15 ms."""
    program = (
        "import gitexp.execution.run, gitexp.execution.record.conclude, sys; print(*sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)

    imported = set(ended.stdout.decode().split())
    assert "gitexp.execution.record.folder" in imported
    ours = {"attendant", "system", "record.system_curves"}
    assert not imported & {"psutil", "pynvml", *(f"gitexp.execution.{name}" for name in ours)}
