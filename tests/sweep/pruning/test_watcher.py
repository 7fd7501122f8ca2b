"""Runs watched while they run: real processes that write real files."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from gitexp.sweep.pruning.channel import Channel
from gitexp.sweep.pruning.steps import Steps, read_steps
from gitexp.sweep.pruning.watcher import Watcher

from tests.workshop import DEADLINE

TRAIN = """\
import sys
with open("progress.jsonl", "a", buffering=1) as file:
    for step in range(8):
        print('{"step": %d, "loss": %g}' % (step, 1 + step / 10), file=file)
    if len(sys.argv) > 1:
        sys.stdin.read()
"""
"""Writes eight steps, and then waits for somebody to stop it if it is given a word."""

GOOD = {step: 1 + step / 10 for step in range(8)}


def watched(folder: Path, watcher: Watcher, *words: str, stopped: threading.Event) -> int:
    """Run the training under a watcher until it ends, or is stopped; return how it ended."""
    (folder / "train.py").write_text(TRAIN)
    command = [sys.executable, "train.py", *words]
    watcher.begin()
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as process:
        if words:
            assert stopped.wait(DEADLINE)
            process.terminate()
        process.wait(DEADLINE)
    watcher.end()
    return process.returncode


def test_a_run_is_stopped_where_it_goes_wrong_and_later_steps_are_not_kept(
    tmp_path: Path,
) -> None:
    keep, stopped = tmp_path / "kept.jsonl", threading.Event()
    judged: list[int] = []

    def stops(steps: Mapping[int, float]) -> bool:
        judged.append(len(steps))
        return len(steps) == 5

    channel = Channel(tmp_path / "progress.jsonl", "loss", "step")
    watcher = Watcher(channel, stops, stopped.set, keep, interval=0.01)
    ended = watched(tmp_path, watcher, "wait", stopped=stopped)

    assert ended < 0
    assert judged == [1, 2, 3, 4, 5]
    assert watcher.steps == Steps({step: GOOD[step] for step in range(5)}, cut=True)
    assert read_steps(keep.read_bytes()) == watcher.steps


def test_a_run_that_was_faster_than_its_judge_counts_as_cut_at_the_same_step(
    tmp_path: Path,
) -> None:
    keep, stopped = tmp_path / "kept.jsonl", threading.Event()
    channel = Channel(tmp_path / "progress.jsonl", "loss", "step")
    watcher = Watcher(channel, lambda steps: len(steps) == 5, stopped.set, keep, interval=60)

    ended = watched(tmp_path, watcher, stopped=stopped)

    assert (ended, stopped.is_set()) == (0, False)
    assert watcher.steps == Steps({step: GOOD[step] for step in range(5)}, cut=True)


def test_a_run_that_nothing_speaks_against_keeps_all_its_steps(tmp_path: Path) -> None:
    keep, stopped = tmp_path / "kept.jsonl", threading.Event()
    channel = Channel(tmp_path / "progress.jsonl", "loss", "step")
    watcher = Watcher(channel, lambda _: False, stopped.set, keep)

    assert watched(tmp_path, watcher, stopped=stopped) == 0

    assert read_steps(keep.read_bytes()) == watcher.steps == Steps(GOOD)


def test_a_judge_that_breaks_ends_no_run(tmp_path: Path) -> None:
    keep, stopped = tmp_path / "kept.jsonl", threading.Event()
    channel = Channel(tmp_path / "progress.jsonl", "loss", "step")
    watcher = Watcher(channel, lambda steps: bool(steps[17]), stopped.set, keep)

    ended = watched(tmp_path, watcher, stopped=stopped)

    assert (ended, stopped.is_set()) == (0, False)
    assert isinstance(watcher.failure, KeyError)


def test_a_run_without_a_file_is_told_of_once(tmp_path: Path) -> None:
    told: list[str] = []
    silent = threading.Event()

    def tell() -> None:
        told.append("silent")
        silent.set()

    channel = Channel(tmp_path / "progress.jsonl", "loss", "step")
    watcher = Watcher(
        channel,
        lambda _: True,
        lambda: None,
        tmp_path / "kept.jsonl",
        tell_silence=tell,
        interval=0.001,
        silence=0.002,
    )
    watcher.begin()
    assert silent.wait(DEADLINE)
    watcher.end()

    assert told == ["silent"]
    assert watcher.steps == Steps()
    assert not (tmp_path / "kept.jsonl").exists()
