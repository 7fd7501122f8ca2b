"""What commands work with: a hub, a place for data, clones, runs, and somebody who types."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.workshop import Clone, Run, Screen, Typed
from tests.workshop import DEADLINE, DVC, Git, Gitexp, commit_all, only_once, write

IN_CONTROL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the one that signals come from; subprocess cannot do so by itself."""


@pytest.fixture(autouse=True)
def _away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the repository that the tests lie in: no command may find it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no run so long that what it uses is sampled, which what is shown and its files tell."""
    monkeypatch.setattr("gitexp.model.system._FIRST", DEADLINE)


@pytest.fixture
def store(work_tree: Path, hub: Path, tmp_path: Path, git: Git) -> Path:
    """A DVC remote that the work tree and every clone of the hub know of."""
    assert hub.exists()
    place = tmp_path / "store"
    config = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {place}\n"
    write(work_tree, {**DVC, ".dvc/config": config})
    commit_all(work_tree, "a place for data")
    git("push", "--quiet", "origin", "main", cwd=work_tree)
    return place


@pytest.fixture
def clone(hub: Path, tmp_path: Path, git: Git) -> Clone:
    """Clone the hub: `clone("name", "--depth=1")`."""

    def make(name: str, *options: str) -> Path:
        git("clone", "--quiet", *options, f"file://{hub}", tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def run(gitexp: Gitexp, work_tree: Path) -> Run:
    """Record a run that does nothing: `run("name")`, or in another clone `run("name", place)`."""

    def record(name: str, place: Path = work_tree) -> None:
        assert gitexp("-C", place, "run", "-n", name, "--", "true").code == 0

    return record


@pytest.fixture
def two_runs(gitexp: Gitexp, work_tree: Path) -> None:
    """Two runs, 'one' and 'two', the second being the better one; for projects with a rate."""

    def make() -> None:
        for name, rate in (("one", "0.1"), ("two", "0.2")):
            assert gitexp("run", "-n", name, "-S", f"rate={rate}").code == 0

    only_once("two runs", work_tree, make)


@pytest.fixture
def typed(work_tree: Path) -> Typed:
    """Run a program in a window of 24 lines and type: `typed(argv, {"prompt": "keys"})`.

    Returns its exit code and all that appeared.
    """

    def run(
        argv: tuple[str, ...], keys: Mapping[str, str] | None = None, **env: str
    ) -> tuple[int, str]:
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with subprocess.Popen(
            [sys.executable, "-c", IN_CONTROL, *argv],
            cwd=work_tree,
            env={**os.environ, "TERM": "xterm", **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        ) as process:
            os.close(slave)
            try:
                screen = Screen(master)
                for prompt, answer in (keys or {}).items():
                    screen.wait_for(prompt)
                    os.write(master, answer.encode())
                shown = screen.whole()
                process.wait(DEADLINE)
            finally:
                process.kill()
                os.close(master)
        return process.returncode, shown

    return run
