"""`gitexp stop`: what can be stopped; how runs under way end, `tests/execution/test_stopped.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.cli.commands.stop import _check_sweeps, _unheeded
from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath
from gitexp.store.journal import Claim, Entry
from gitexp.store.processes import Place
from gitexp.store.running import About, write_about
from gitexp.store.stopping import order_stop, take_order

from tests.workshop import Gitexp


def test_what_is_not_running_cannot_be_stopped(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.exists()
    gitexp("run", "-n", "over", "--", "true")

    over, none = gitexp("stop", "over"), gitexp("stop", "nobody")
    follow, both = gitexp("show", "-f"), gitexp("stop", "x", "--term", "--kill")

    nothing = "hint: Nothing is running here.\n"
    assert over.err == f"error: run 'over' is not running: it is recorded already\n{nothing}"
    assert none.err == f"error: no run 'nobody' is under way\n{nothing}"
    assert gitexp("stop").err == f"error: name what is to be stopped\n{nothing}"
    assert follow.err == (
        "error: no run is under way here\nhint: `gitexp show` shows the latest.\n"
    )
    assert both.err == "error: `--term` and `--kill` are two signals\nhint: Give one of them.\n"
    assert {over.code, none.code, follow.code, both.code} == {2}


def test_why_a_run_goes_on_is_said(tmp_path: Path) -> None:
    here = Place.of(os.getpid())
    place = (str(tmp_path), TopPath(""), TopPath(""), "2026-01-02T03:04:05+00:00")
    entry = Entry("abc", "otter", *place, owner=here)
    far = replace(entry, owner=replace(here, host="node7", machine="m", boot="b"))
    order_stop(tmp_path, "SIGINT")

    asked = [_unheeded(one, tmp_path) for one in (entry, far, replace(entry, claim=Claim("s", 1)))]
    take_order(tmp_path)
    heeded = _unheeded(entry, tmp_path)
    write_about(tmp_path, About("", alone=True))
    alone = _unheeded(entry, tmp_path)

    assert asked[0] == "'otter' has not answered so far"
    with pytest.raises(GitexpError, match="'otter' is a run, and ends for good as it is"):
        _check_sweeps([entry])
    assert asked[1].startswith("'otter' runs on node7, where its process cannot be seen from here")
    assert "`gitexp doctor --recover abc` records the run" in asked[1]
    assert asked[2] == "'otter' is made by an engine, which ends runs only with the sweep"
    assert "`gitexp stop --term otter` is less patient" in heeded
    assert "a notebook that is idle takes no notice" in alone
