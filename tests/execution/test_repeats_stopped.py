"""Ctrl-C among repeats: the one that runs is recorded, and no other is started."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.execution.workshop import Eventually, Leftovers, Runs, StartGitexp
from tests.workshop import DEADLINE

WAITING = """
import pathlib, sys, time
pathlib.Path("metrics.json").write_text('{"loss": 1}')
if pathlib.Path("params.yaml").read_text().endswith("seed: 1\\n"):
    pathlib.Path("started").touch()
    time.sleep(1000)
"""


def test_a_signal_ends_the_repeats_with_the_one_that_is_running(
    work_tree: Path,
    tmp_path: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    command = ("--", "python", "-c", WAITING)
    process = start_gitexp("run", "--repeat", "4", "-n", "a", *command)
    eventually((work_tree / "started").exists)

    process.send_signal(signal.SIGINT)

    assert process.wait(DEADLINE) == 130
    found = [(one.record.name, one.record.status) for one in runs()]
    assert found == [("a-r2", "interrupted"), ("a", "done")]
    told = (tmp_path / "gitexp-0.err").read_text().splitlines()
    assert told[-2:] == [
        "note: stopped after 2 repeats of 4",
        "a: loss 1 (n = 1, 1 interrupted)",
    ]
    assert leftovers() == []
