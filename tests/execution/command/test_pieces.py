"""Output that needs no gitexp to be kept."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from gitexp.execution.command.pieces import gather

from tests.execution.command.workshop import Begin, Drive
from tests.execution.workshop import Eventually
from tests.workshop import DEADLINE


def says(path: Path, text: str) -> Callable[[], bool]:
    """Claim that a file has a text."""
    return lambda: path.exists() and text in path.read_text()


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def test_a_killed_gitexp_takes_nothing_with_it(
    drive: Drive, log: Path, tmp_path: Path, eventually: Eventually
) -> None:
    script = """
    echo ready; while [ ! -e go ]; do sleep 0.01; done
    yes to stdout | head -n 20000; yes to stderr | head -n 20000 >&2; touch done
    """
    driver = drive(shell(script), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    eventually(says(log.with_name("log.marks"), "6"))

    driver.kill()
    driver.communicate(timeout=DEADLINE)
    (tmp_path / "go").touch()
    eventually((tmp_path / "done").exists)
    gather(log)

    lines = log.read_text().splitlines()
    assert lines == ["ready", *["to stdout"] * 20000, *["to stderr"] * 20000]
    assert [path.name for path in tmp_path.glob("log*")] == ["log"]


def test_a_log_that_cannot_be_written_says_so_and_keeps_the_pieces(begin: Begin, log: Path) -> None:
    log.mkdir()

    child = begin(shell("echo kept"))
    ended = child.wait()

    assert ended.code == 0
    assert isinstance(child.log_failure, IsADirectoryError)
    assert log.with_name("log.out").read_text() == "kept\n"


def test_gathering_a_whole_log_changes_nothing(log: Path) -> None:
    log.write_text("whole\n")

    gather(log)

    assert log.read_text() == "whole\n"


def test_gathering_takes_what_was_printed_before_the_first_look(log: Path) -> None:
    log.with_name("log.err").write_text("Traceback\n")
    log.with_name("log.out").write_text("epoch 1\n")

    gather(log)

    assert log.read_text() == "epoch 1\nTraceback\n"
    assert [path.name for path in log.parent.glob("log*")] == ["log"]


def test_pieces_that_cannot_be_removed_hold_up_nobody(begin: Begin, log: Path) -> None:
    piece = log.with_name(f"{log.name}.out")

    ended = begin(["sh", "-c", f"echo one; rm '{piece}'; mkdir '{piece}'; exit 3"]).wait()

    assert ended.code == 3
