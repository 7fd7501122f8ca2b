"""Processes killed at random moments, again and again: nothing is lost, and nothing is left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.execution.workshop import BehindPointer, Leftovers, Runs, StartGitexp, wait_for
from tests.workshop import Git, Gitexp

SCRIPT = """\
import json, pathlib, sys, time
pathlib.Path(sys.argv[1]).touch()
pathlib.Path("model.pt").write_text(sys.argv[1])
time.sleep(0.05)
json.dump({"loss": 0.5}, open("metrics.json", "w"))
"""
WAYS = ((), ("-S", "rate=0.7"), ("--temp",), ("--temp", "-S", "rate=0.7"))
PARAMS = "rate: 0.1\nseed: 1\n"
CHANGED = "rate: 0.7\nseed: 1\n"
OWN = {
    "branch.lock",
    "documents.txt",
    "environments.json",
    "index.lock",
    "index.sqlite",
    "index.sqlite.lock",
    "journal",
    "logs",
    "runs",
    "trees",
    "work",
}
"""What may stay in gitexp's own folder when no run is under way."""


@dataclass(frozen=True)
class State:
    """What is the user's, and must be as it was."""

    head: str
    index: str
    stash: str
    branches: str
    files: dict[str, str]


@pytest.fixture
def state(work_tree: Path, git: Git) -> Callable[[], State]:
    """Look at what is the user's."""

    def look() -> State:
        names = ("train.py", "fast.py", "notes.txt", ".gitignore", "staged.txt", "params.yaml")
        head = (work_tree / ".git" / "HEAD").read_text()
        return State(
            head + git("rev-parse", "HEAD"),
            git("ls-files", "-s"),
            git("stash", "list", "--format=%H %gs"),
            git("for-each-ref", "--format=%(refname)%(objectname)", "refs/heads/main"),
            {name: (work_tree / name).read_text() for name in names},
        )

    return look


@pytest.fixture
def tortured(
    work_tree: Path, git: Git, behind_pointer: BehindPointer, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project with edits of every kind, and a model that each run writes anew."""
    for role in ("AUTHOR", "COMMITTER"):  # as users have it: then gitexp writes its commits itself
        monkeypatch.delenv(f"GIT_{role}_DATE")
    (work_tree / "model.pt").write_text("old")
    behind_pointer("model.pt")
    (work_tree / "fast.py").write_text(SCRIPT)
    git("add", "--all")
    git("commit", "--quiet", "-m", "fast")
    (work_tree / "train.py").write_text("stashed = True\n")
    git("stash", "--quiet")
    (work_tree / "train.py").write_text("edited = True\n")
    (work_tree / "notes.txt").write_text("mine\n")
    (work_tree / "staged.txt").write_text("staged\n")
    git("add", "staged.txt")
    (work_tree / "staged.txt").write_text("staged, then edited\n")
    return work_tree


def test_torture(
    tortured: Path,
    start_gitexp: StartGitexp,
    gitexp: Gitexp,
    git: Git,
    runs: Runs,
    leftovers: Leftovers,
    state: Callable[[], State],
    request: pytest.FixtureRequest,
) -> None:
    """Kill gitexp, its command or both: every started run is recorded, once."""
    chance = random.Random(7)
    begun = tortured.with_name("begun")
    begun.mkdir()
    longest = dict.fromkeys(WAYS, 1.5)
    before = state()

    for number in range(request.config.getoption("--torture-rounds")):
        way, name = WAYS[number % len(WAYS)], f"round-{number}"
        began = time.monotonic()
        victim = start_gitexp("run", *way, "-n", name, "--", "python", "fast.py", begun / name)
        ended = _kill_some(victim, chance, chance.uniform(0.02, 1.2 * longest[way]))
        if ended:  # by itself: so long does it take at present
            longest[way] = time.monotonic() - began
        _wait_for_all(tortured)
        listed = gitexp("ls")
        assert (listed.code, name) == (0, name), listed.err
        assert not leftovers(), (name, way, listed.err)
        assert ("-S" in way and "--temp" not in way) or state() == before, (name, way)
        assert (tortured / "params.yaml").read_text() in {PARAMS, CHANGED}, (name, way)
        (tortured / "params.yaml").write_text(PARAMS)  # a run that succeeded keeps its overrides
        assert state() == before, (name, way)

    names = [run.record.name for run in runs()]
    assert len(names) == len(set(names))
    assert {path.name for path in begun.iterdir()} <= set(names)
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert _unwanted(tortured / ".git") == []


def _kill_some(victim: subprocess.Popen[bytes], chance: random.Random, after: float) -> bool:
    """Kill gitexp, its command or both in a moment; return whether gitexp had ended by then."""
    whom = chance.choice(["gitexp", "command", "both"])
    with contextlib.suppress(subprocess.TimeoutExpired):
        victim.wait(after)
        return True
    try:
        family = psutil.Process(victim.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if whom != "command":
        os.kill(victim.pid, signal.SIGKILL)
    if whom != "gitexp":
        for process in family:
            with contextlib.suppress(psutil.Error):  # it has ended by itself
                if "fast.py" in " ".join(process.cmdline()):
                    process.kill()
    victim.wait()
    return False


def _wait_for_all(project: Path) -> None:
    """Wait for what still runs in the project, such as a command that lost its gitexp.

    Also for one whose gitexp was killed between fork and exec: it has the words of gitexp so far.
    """
    for process in psutil.process_iter(["cwd", "ppid"]):
        cwd = process.info["cwd"]
        is_ours = os.getpid() in {process.pid, process.info["ppid"]}
        if cwd and Path(cwd).is_relative_to(project) and not is_ours:
            wait_for(process)


def _unwanted(git_dir: Path) -> list[str]:
    """Return temporary files and locks that are left in a git directory.

    Not those inside the copies of the work tree, which are cleared when they are used again.
    """
    private = git_dir / "gitexp"
    copies = [path for path in (private / "work").glob("*") if path.is_dir()]
    left = [path for name in ("tmp*", "*.lock") for path in git_dir.rglob(name)]
    left = [path for path in left if not any(path.is_relative_to(copy) for copy in copies)]
    found = [path for path in left if not (path.is_relative_to(private) and _is_free(path))]
    if private.exists():  # each may have been killed before it came so far, on a busy machine
        found += [path for path in private.iterdir() if path.name.split("-")[0] not in OWN]
    return [str(path.relative_to(git_dir)) for path in found]


def _is_free(path: Path) -> bool:
    """Return whether a file is a lock that nobody holds: such a file of gitexp's own may stay."""
    if path.suffix != ".lock":
        return False
    with path.open() as file, contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
