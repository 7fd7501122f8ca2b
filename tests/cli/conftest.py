"""A project in git and `gitexp` itself, called in process through the door that the shell uses."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from gitexp.cli.main import main
from gitexp.git.repository import Repository

Git = Callable[..., str]
Gitexp = Callable[..., "Outcome"]
Typed = Callable[..., tuple[int, str]]

DEADLINE = 30.0
ENDS = "never shown"

IN_CONTROL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the one that signals come from; subprocess cannot do so by itself."""

TRAIN = """\
import json
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rate, seed = float(values["rate"]), int(values["seed"])
metrics = {"accuracy": round(0.9 + rate / 2, 6), "loss": round(0.5 - rate, 6)}
Path("metrics.json").write_text(json.dumps(metrics) + "\\n")
print("trained with rate", rate)
"""
"""No library, so that it takes no longer than Python itself."""

FILES: Mapping[str, str] = {
    "train.py": TRAIN,
    "params.yaml": "rate: 0.1\nseed: 1\n",
    "gitexp.yaml": (
        "command: python train.py\npolicy:\n  accuracy: {goal: max}\n  loss: {goal: min}\n"
    ),
    ".gitignore": "__pycache__/\n",
}


class Outcome(NamedTuple):
    """How a call ended; equal to a plain tuple of the three."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the repository that the tests lie in: no command may find it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def new_repository(tmp_path: Path) -> Callable[..., Path]:
    """Make a repository: `new_repository("name", {"path": "content"})`, committed if it has any."""

    def make(name: str, files: Mapping[str, str] | None = None) -> Path:
        top = tmp_path / name
        subprocess.run(["git", "init", "--quiet", top], check=True)
        for path, content in (files or {}).items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(content)
        if files:
            subprocess.run(["git", "add", "--all"], cwd=top, check=True)
            subprocess.run(["git", "commit", "--quiet", "-m", "start"], cwd=top, check=True)
        return top

    return make


@pytest.fixture
def work_tree(new_repository: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a training script, all committed; the current directory."""
    top = new_repository("work", FILES)
    monkeypatch.chdir(top)
    return top


@pytest.fixture
def repository(work_tree: Path) -> Iterator[Repository]:
    """The repository of `work_tree`, opened."""
    with Repository.open(work_tree) as opened:
        yield opened


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def run(*args: str, cwd: Path | None = None) -> str:
        ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, text=True, check=True)
        return ended.stdout

    return run


@pytest.fixture
def gitexp(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gitexp:
    """Run `gitexp ARGS...` in the current directory; what it starts is captured as well.

    `python` is the interpreter of the tests.
    """
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(*argv: str | Path) -> Outcome:
        capfd.readouterr()
        code = main([str(arg) for arg in argv])
        sys.stdout.flush()
        return Outcome(int(code), *capfd.readouterr())

    return run


@pytest.fixture
def hub(work_tree: Path, tmp_path: Path, git: Git) -> Path:
    """A bare repository that is the 'origin' of the work tree and has its main."""
    place = tmp_path / "hub.git"
    git("init", "--quiet", "--bare", str(place))
    git("remote", "add", "origin", f"file://{place}", cwd=work_tree)
    git("push", "--quiet", "origin", "main", cwd=work_tree)
    return place


@pytest.fixture
def store(work_tree: Path, hub: Path, tmp_path: Path, git: Git) -> Path:
    """A DVC remote that the work tree and every clone of the hub know of."""
    assert hub.exists()
    place = tmp_path / "store"
    files = {
        "config": f"[core]\n    remote = store\n['remote \"store\"']\n    url = {place}\n",
        ".gitignore": "/config.local\n/tmp\n/cache\n",
    }
    (work_tree / ".dvc").mkdir()
    for name, content in files.items():
        (work_tree / ".dvc" / name).write_text(content)
    git("add", "--all", cwd=work_tree)
    git("commit", "--quiet", "-m", "a place for data", cwd=work_tree)
    git("push", "--quiet", "origin", "main", cwd=work_tree)
    return place


@pytest.fixture
def clone(hub: Path, tmp_path: Path, git: Git) -> Callable[..., Path]:
    """Clone the hub: `clone("name", "--depth=1")`."""

    def make(name: str, *options: str) -> Path:
        git("clone", "--quiet", *options, f"file://{hub}", str(tmp_path / name))
        return tmp_path / name

    return make


@pytest.fixture
def run(gitexp: Gitexp, work_tree: Path) -> Callable[..., None]:
    """Record a run that does nothing: `run("name")`, or in another clone `run("name", place)`."""

    def record(name: str, place: Path = work_tree) -> None:
        assert gitexp("-C", place, "run", "-n", name, "--", "true").code == 0

    return record


def read_until(master: int, shown: str, text: str) -> str:
    """Read on until `text` has appeared, or until nobody can write any more."""
    deadline = time.monotonic() + DEADLINE
    while text not in shown:
        ready, _, _ = select.select([master], [], [], deadline - time.monotonic())
        assert ready, f"{text!r} never came after {shown!r}"
        try:
            data = os.read(master, 65536)
        except OSError:  # Linux, when the other side is closed
            return shown
        if not data:
            return shown
        shown += data.decode()
    return shown


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
                shown = ""
                for prompt, answer in (keys or {}).items():
                    shown = read_until(master, shown, prompt)
                    os.write(master, answer.encode())
                shown = read_until(master, shown, ENDS)
                process.wait(DEADLINE)
            finally:
                process.kill()
                os.close(master)
        return process.returncode, shown

    return run
