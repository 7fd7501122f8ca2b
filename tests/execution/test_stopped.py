"""Runs under way are seen, followed and stopped from elsewhere."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitexp.model.record import Exit

from tests.execution.workshop import Leftovers, Runs, StartGitexp
from tests.workshop import DEADLINE, Gitexp, Outcome

SAVES = """\
import json, signal, sys, time
from pathlib import Path

def save(*_):
    Path("metrics.json").write_text('{"loss": 0.25}')
    print("saved", flush=True)
    sys.exit(0)

signal.signal(signal.SIGINT, save)
print("ready", flush=True)
while True:
    time.sleep(0.01)
"""
"""Ends well when it is asked to, as trainers do that save what they have."""
WAITS = """\
import sys, time
from pathlib import Path

if "rate: 0.1" in Path("params.yaml").read_text():
    print("ready", flush=True)
    while True:
        time.sleep(0.01)
"""
"""Its first point never ends by itself."""

Begun = Callable[[], Path]


def until(claim: Callable[[], object]) -> None:
    """Wait until something is the case."""
    deadline = time.monotonic() + DEADLINE
    while not claim():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Trainers, and a param that says when they end."""
    return {
        "saves.py": SAVES,
        "waits.py": WAITS,
        "params.yaml": "rate: 0.1\nmax_steps: 100\n",
        "gitexp.yaml": "policy: {loss: {goal: min}}\n",
    }


@pytest.fixture
def begun(work_tree: Path) -> Begun:
    """Wait until a run has said what it is; return its folder."""

    def wait() -> Path:
        runs = work_tree / ".git" / "gitexp" / "runs"
        until(lambda: [*runs.glob("*/running.json")])
        return next(runs.glob("*/running.json")).parent

    return wait


def logged(scratch: Path, *steps: tuple[int, float], began: float) -> None:
    """Log a value of some steps, one a second, as the command of a run does."""
    (scratch / "logged").mkdir(exist_ok=True)
    lines = [
        {"step": step, "time": began + step, "log": {"loss": value, "rate": 0.1}}
        for step, value in steps
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (scratch / "logged" / "1000-0-7.jsonl").write_text(f'{text}{{"step": 3, "lo')


class Window:
    """A terminal, and all that appears in it."""

    def __init__(self) -> None:
        self._master, self.end = os.openpty()
        self.shown = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        read = codecs.getincrementaldecoder("utf-8")().decode
        with contextlib.suppress(OSError):  # Linux, when the other side is closed
            while data := os.read(self._master, 65536):
                self.shown += read(data)

    def close(self) -> None:
        """Wait for what is still to appear."""
        os.close(self.end)
        self._reader.join()
        os.close(self._master)


def look_by_name(gitexp: Gitexp) -> None:
    """Name the run under way where it is drawn, mistyped, and where a recorded one is wanted."""
    drawn, near = gitexp("plot", "otter", "loss", "--json"), gitexp("show", "-f", "ottor")
    trend, removed = gitexp("plot", "--kind=trend", "otter"), gitexp("rm", "otter")
    machine = gitexp("ls", "--json")
    [curve] = json.loads(drawn.out)[0]["curves"]
    assert (curve["label"], curve["x"], curve["y"]) == ("otter", [0, 1], [0.5, 0.4])
    assert drawn.err == "note: 'otter' is under way: what it has logged so far is drawn\n"
    assert near.err == "error: no run 'ottor'\nhint: Under way here: 'otter'.\n"
    assert "error: run 'otter' is under way: only its curves can be drawn\n" in trend.err
    assert (machine.out, "note: run 'otter' is running on" in machine.err) == ("[]\n", True)
    assert removed.err.startswith("error: run 'otter' is under way\n")


def assert_listed(listed: Outcome, found: dict[str, object]) -> None:
    title, head, row, *rest = listed.out.splitlines()
    assert (title, rest, listed.err) == ("Running", ["No runs."], "")
    assert head.split() == ["name", "status", "for", "step", "left", "loss", "rate"]
    words = row.split()
    assert (words[:2], words[-2:], "2/100" in words) == (["otter", "running"], ["0.4", "0.1"], True)
    told = {"name": "otter", "step": 1, "values": {"loss": 0.4, "rate": 0.1}, "done": 2, "of": 100}
    assert found == {**found, **told, "status": "running", "command": "python saves.py"}


def assert_shown(shown: str) -> None:
    assert "  left      ~" in shown
    assert "message   does it?\n" in shown
    rows = [line.split() for line in shown.partition("Curves\n")[2].splitlines()[1:3]]
    assert rows == [
        ["loss", "0.4", "0.4", "*", "0.5", "2", "█▁"],
        ["rate", *["0.1"] * 3, "2", "▄▄"],
    ]
    assert "Log\n  ready\n" in shown


def assert_followed(piped: list[str], at_a_terminal: str) -> None:
    assert piped[:-1] == ["ready", "otter at step 1: loss 0.4, rate 0.1", "saved"]
    assert piped[-1].startswith("otter: stopped after")
    assert "loss   0.4   █▁\r\nrate   0.1   ▄▄" in at_a_terminal
    assert "\r\x1b[K\x1b[A\r\x1b[K\x1b[A\r\x1b[Ksaved\r\n" in at_a_terminal


def test_a_run_under_way_is_listed_shown_followed_and_stopped_from_elsewhere(
    tmp_path: Path,
    start_gitexp: StartGitexp,
    begun: Begun,
    gitexp: Gitexp,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    start_gitexp("run", "-n", "otter", "-m", "does it?", "--", "python", "saves.py")
    scratch = begun()
    logged(scratch, (0, 0.5), (1, 0.4), began=(scratch / "running.json").stat().st_mtime)
    with (tmp_path / "followed").open("wb") as out:
        following = start_gitexp("show", "-f", stdout=out, stderr=out)
        until((tmp_path / "followed").read_bytes)
        window = Window()
        watching = start_gitexp("show", "-f", stdout=window.end, stderr=window.end)
        until(lambda: "rate   0.1" in window.shown)

        listed, shown = gitexp("ls"), gitexp("show", "ott")
        [found] = json.loads(gitexp("ls", "--running", "--json").out)
        look_by_name(gitexp)
        stopped = gitexp("stop", "otter")
        following.wait(DEADLINE)
        watching.wait(DEADLINE)
    window.close()

    assert_listed(listed, found)
    assert_shown(shown.out)
    assert (stopped.code, stopped.err[:20]) == (0, "otter: stopped after")
    assert_followed((tmp_path / "followed").read_text().splitlines(), window.shown)
    [run] = runs()
    assert (run.record.status, run.record.exit) == ("interrupted", Exit(0, None, "stopped"))
    assert run.record.metrics["metrics.json"] == {"loss": 0.25}
    assert leftovers() == []


def test_a_point_that_is_stopped_is_not_run_again_and_a_sweep_that_is_stopped_goes_on_later(
    tmp_path: Path, start_gitexp: StartGitexp, begun: Begun, gitexp: Gitexp, runs: Runs
) -> None:
    sweep = start_gitexp("sweep", "-n", "scan", "-j1", "rate=0.1,0.2", "--", "python", "waits.py")
    begun()
    whole = gitexp("stop", "scan")
    assert sweep.wait(DEADLINE) == 1
    with (tmp_path / "again").open("wb") as out:
        sweep = start_gitexp("sweep", "--resume", "scan", stdout=out, stderr=out)
        begun()
        point = gitexp("stop", "scan-0")
        sweep.wait(DEADLINE)

    assert "scan-0: interrupted after" in whole.err
    assert whole.err.endswith(
        "stopped sweep 'scan'; `gitexp sweep --resume scan` goes on with it\n"
    )
    assert point.err.startswith(
        "note: the sweep goes on without 'scan-0-a2', which is not run again; `gitexp stop scan` "
    )
    assert "scan-0-a2: stopped after" in point.err
    assert "1 of 2 done · 1 stopped" in (tmp_path / "again").read_text()
    ends = [(run.record.name, run.record.status, run.record.exit.reason) for run in runs()]
    assert ends == [
        ("scan-1", "done", None),
        ("scan-0-a2", "interrupted", "stopped"),
        ("scan-0", "interrupted", "signal"),
    ]


@pytest.mark.parametrize("options", [(), ("--term",)])
def test_a_run_that_its_script_began_is_stopped(
    work_tree: Path, gitexp: Gitexp, runs: Runs, options: tuple[str, ...]
) -> None:
    script = (
        "import gitexp, pathlib, time\n"
        "run = gitexp.start('alone')\n"
        "pathlib.Path('ready').touch()\n"
        "time.sleep(300)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    try:
        until((work_tree / "ready").exists)
        reaper = threading.Thread(target=process.wait)
        reaper.start()
        stopped = gitexp("stop", *options, "alone")
        reaper.join()
    finally:
        process.kill()

    [run] = runs()
    assert (run.record.status, run.record.exit.reason) == ("interrupted", "stopped")
    assert "alone: stopped after" in stopped.err


def test_a_command_that_has_outlived_its_gitexp_is_stopped_and_recorded(
    start_gitexp: StartGitexp, begun: Begun, gitexp: Gitexp, runs: Runs
) -> None:
    process = start_gitexp("run", "-n", "orphan", "--", "python", "saves.py")
    log = begun() / "output.log"
    until(lambda: log.exists() and log.read_text() == "ready\n")
    process.kill()
    process.wait()

    stopped = gitexp("stop", "orphan")

    assert "note: recovered orphan: lost after" in stopped.err
    [run] = runs()
    assert run.record.exit.reason == "lost"
    assert run.record.metrics == {"metrics.json": {"loss": 0.25}}
