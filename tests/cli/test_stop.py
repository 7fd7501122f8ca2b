"""`gitexp stop`: what can be stopped; how runs under way end, `tests/execution/test_stopped.py`."""

from __future__ import annotations

from pathlib import Path

from tests.workshop import Gitexp


def test_what_is_not_running_cannot_be_stopped(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.exists()
    gitexp("run", "-n", "over", "--", "true")

    over, none = gitexp("stop", "over"), gitexp("stop", "nobody")
    follow, both = gitexp("show", "-f"), gitexp("stop", "x", "--term", "--kill")

    assert over.err == "error: run 'over' is not running: it is recorded already\n"
    assert none.err == "error: no run 'nobody' is under way\nhint: Nothing is running here.\n"
    assert follow.err == (
        "error: no run is under way here\nhint: `gitexp show` shows the latest.\n"
    )
    assert both.err == "error: `--term` and `--kill` are two signals\nhint: Give one of them.\n"
    assert {over.code, none.code, follow.code, both.code} == {2}
