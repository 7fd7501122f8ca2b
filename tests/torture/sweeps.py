"""Sweeps whose processes are killed at random moments: every point is run, and settled once.

    python -m tests.torture.sweeps                        5 sweeps with 40 kills each
    python -m tests.torture.sweeps --seed 3 --kills 10    one of them, with 10
    python -m tests.torture.sweeps --namespace            one of two calls in a PID namespace

Kills a parent, an agent or both, of one call or of two beside each other, in turn; then the same
command is given again until it comes to its end. Prints what is wrong, and exits with 1 if
anything is. A namespace stands for a container on the same disk: neither side can see whether the
other's processes live. That takes root, and util-linux.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import psutil

from tests.torture.environment import environment
from tests.workshop import make_repository, sealed

FILES: Mapping[str, str] = {
    "fit.sh": "sleep 0.0$(($$ % 5))\nread name rate < params.yaml\n"
    'echo "{\\"loss\\": $rate}" > metrics.json\n',
    "params.yaml": "rate: 0\ndepth: 0\n",
    "gitexp.yaml": "policy:\n  loss: {goal: min}\n",
}
_PATIENCE = 300.0
_SLOW = 10.0
"""Seconds that a busy machine may take to start an agent."""
_VICTIMS = ("parent", "agent", "both")

Before: TypeAlias = "tuple[str, ...]"
"""The words of a program that starts another one."""


@dataclass
class Outcome:
    """What became of one sweep."""

    kills: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    runs: int = 0
    """All that are recorded, lost ones too."""
    wrong: list[str] = field(default_factory=list)


class Sweep:
    """One sweep in a project of its own."""

    def __init__(self, folder: Path, seed: int, points: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.points = points
        home = folder / "home"
        folder.mkdir(parents=True, exist_ok=True)
        self.env = sealed(home)
        for role in ("AUTHOR", "COMMITTER"):  # as users have it: gitexp writes its commits itself
            self.env.pop(f"GIT_{role}_DATE", None)
        with environment(self.env):
            self.project = make_repository(folder / "project", FILES)
        rates = ",".join(str(one) for one in range(1, points // 2 + 1))
        self.words = (f"rate={rates}", "depth=1,2", "-j", "2", "--minimize", "loss", "-n", "scan")

    def copied(self, folder: Path) -> Sweep:
        """Return the same sweep, as far as it is, in a folder of its own."""
        folder.mkdir(parents=True)
        other = copy.copy(self)
        other.folder, other.project = folder, folder / "project"
        subprocess.run(["cp", "-a", self.project, other.project], check=True)
        return other

    def start(
        self, *before: str, more: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a call, by what stands `before` it; its environment tells all its processes."""
        words = (*self.words, *more, "--max-failures", "1000", "--", "sh", "fit.sh")
        return self.gitexp(*before, words=words, env=env)

    def gitexp(
        self, *before: str, words: Sequence[str], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `gitexp sweep` with some words."""
        command = (sys.executable, "-m", "gitexp", "-C", str(self.project), "sweep", *words)
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(
                [*before, *command],
                cwd=self.folder,
                env={**self.env, **(env or {}), "TORTURED": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def doctor(self) -> str:
        """Return what `gitexp doctor` says."""
        command = [sys.executable, "-m", "gitexp", "doctor"]
        ended = subprocess.run(
            command, cwd=self.project, env=self.env, capture_output=True, text=True, check=False
        )
        return ended.stdout

    def git(self, *args: str) -> str:
        """Return what git prints."""
        ended = subprocess.run(
            ["git", *args], cwd=self.project, env=self.env, capture_output=True, check=False
        )
        return os.fsdecode(ended.stdout + (ended.stderr if args[0] == "fsck" else b""))

    def agents(self, parent: int) -> list[int]:
        """Return the agents that a call has started."""
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(parent).children()
            return [one.pid for one in children if "--agent" in _command_line(one)]
        return []

    def settled(self) -> Counter[int]:
        """Return how many runs each point has that are neither lost nor interrupted."""
        return Counter(
            record["point"]["number"] for record in self._records() if record["status"] == "done"
        )

    def _records(self) -> list[dict[str, Any]]:
        oids = self.git("log", "--format=%H", "experiments", "--").split()
        found = []
        for oid in oids:
            text = self.git("cat-file", "blob", f"{oid}:.gitexp/run.json")
            with contextlib.suppress(ValueError):
                found.append(json.loads(text))
        return found

    def runs(self) -> int:
        """Return how many runs are recorded."""
        return len(self._records())

    def living(self) -> list[psutil.Process]:
        """Return the processes that were started for this sweep and are still there."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                is_ours = process.environ().get("TORTURED") == str(self.folder)
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


def _command_line(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def torture(
    folder: Path, seed: int, *, kills: int, points: int, beside: bool, inside: Before = ()
) -> Outcome:
    """Kill processes of a sweep until there were so many kills, then let it come to its end.

    One of two calls `beside` each other is started by what is given as `inside`.
    """
    sweep, outcome = Sweep(folder, seed, points), Outcome()
    wrappers = [(), inside][: 1 + beside]
    parents: list[subprocess.Popen[bytes] | None] = [None for _ in wrappers]
    try:
        while sum(outcome.kills.values()) < kills and not _is_complete(sweep, outcome):
            for number, wrapper in enumerate(wrappers):
                parent = parents[number]
                if parent is None or parent.poll() is not None:
                    parents[number] = sweep.start(*wrapper)
                    outcome.calls += 1
            time.sleep(sweep.random.uniform(0.0, 1.0))
            _kill(sweep, sweep.random.choice(list(filter(None, parents))), outcome)
        finish(sweep, list(filter(None, parents)), outcome, inside)
    finally:
        for process in sweep.living():
            with contextlib.suppress(psutil.Error):
                process.kill()
        for one in filter(None, parents):
            one.wait()
    return outcome


@contextlib.contextmanager
def namespace() -> Iterator[Before]:
    """Give what starts a program in a PID namespace, which lasts until the end of this."""
    options = ("--pid", "--fork", "--kill-child", "--mount-proc")
    with subprocess.Popen(["unshare", *options, "sleep", "infinity"]) as holder:
        try:
            first = _first_child(holder.pid)
            yield ("nsenter", f"--target={first}", "--pid", "--mount")
        finally:
            holder.kill()


def _first_child(pid: int) -> int:
    deadline = time.monotonic() + _SLOW
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(pid).children():
                if child.name() == "sleep":  # by then its /proc is its own
                    return child.pid
        time.sleep(0.02)
    raise AssertionError("there is no namespace")


def _is_complete(sweep: Sweep, outcome: Outcome) -> bool:
    """Return whether every point is settled, so that nobody is left to be killed."""
    del outcome
    return len(sweep.settled()) == sweep.points


def _kill(sweep: Sweep, parent: subprocess.Popen[bytes], outcome: Outcome) -> None:
    pid = _pid_of(parent)
    who, agents = sweep.random.choice(_VICTIMS), sweep.agents(pid)
    deadline = time.monotonic() + _SLOW
    while who != "parent" and not agents and parent.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
        pid = _pid_of(parent)
        agents = sweep.agents(pid)
    time.sleep(sweep.random.uniform(0.0, 0.5))
    victims = [pid] if who in ("parent", "both") else []
    if who in ("agent", "both") and agents:
        victims.append(sweep.random.choice(agents))
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    outcome.kills[who] += bool(victims)


def _pid_of(parent: subprocess.Popen[bytes]) -> int:
    """Return the process of a call, which has been started in a namespace by another one."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(parent.pid)
        if process.name() == "nsenter":
            return next((child.pid for child in process.children()), parent.pid)
    return parent.pid


def finish(
    sweep: Sweep, parents: list[subprocess.Popen[bytes]], outcome: Outcome, inside: Before = ()
) -> None:
    """Give the same command until it says that all is done, and look at what is left.

    Where a sweep was worked on in a namespace, too, both sides have to say so: neither clears up
    after processes that it cannot see.
    """
    wrappers = ((), inside) if inside else ((),)
    deadline = time.monotonic() + _PATIENCE
    for parent in parents:
        if parent.poll() is None:
            parent.wait(_PATIENCE)
    is_done = False
    while not is_done and time.monotonic() < deadline:
        outcome.calls += len(wrappers)
        codes = [sweep.start(*wrapper).wait(_PATIENCE) for wrapper in wrappers]
        is_done = not any(codes)
    _wait_for_quiet(sweep, deadline)
    outcome.runs = sweep.runs()
    outcome.wrong = list(_wrong(sweep))


def _wait_for_quiet(sweep: Sweep, deadline: float) -> None:
    """Wait for agents whose parents were killed: they end with the runs that they make."""
    while sweep.living() and time.monotonic() < deadline:
        time.sleep(0.05)


def _wrong(sweep: Sweep) -> Iterator[str]:
    yield from _wrong_points(sweep)
    yield from _left(sweep)
    fsck = sweep.git("fsck", "--no-dangling")
    if fsck.strip():
        yield f"git fsck: {fsck.strip()}"
    said = (sweep.folder / "said").read_text(errors="replace")
    if "Traceback" in said or "cannot be recorded" in said:
        yield f"it said: {said[-2000:]}"


def _wrong_points(sweep: Sweep) -> Iterator[str]:
    settled = sweep.settled()
    missing = sorted(set(range(sweep.points)) - set(settled))
    if missing:
        yield f"points that were not run: {missing}"
    if odd := {point: count for point, count in settled.items() if count != 1}:
        yield f"points that were settled more than once: {odd}"
    if sweep.git("rev-list", "--merges", "experiments"):
        yield "the branch is not a straight line"


def _left(sweep: Sweep) -> Iterator[str]:
    """Yield what there is of a sweep that is over, besides its runs."""
    own = sweep.project / ".git" / "gitexp"
    for name in ("journal", "runs", "sweeps", "left"):
        if left := sorted(place.name for place in (own / name).glob("*")):
            yield f"left in '{name}': {left}"
    refs = sweep.git("for-each-ref", "--format=%(refname)", "refs/gitexp").split()
    if refs:
        yield f"refs that are left: {refs}"
    if living := sweep.living():
        yield f"processes that are left: {[_command_line(one) for one in living]}"


def main(argv: Sequence[str] | None = None) -> int:
    """Torture some sweeps, and say what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--keep", action="store_true", help="keep the projects of wrong sweeps")
    parser.add_argument(
        "--namespace", action="store_true", help="two calls each, one of them in a PID namespace"
    )
    options = parser.parse_args(argv)
    with namespace() if options.namespace else contextlib.nullcontext(()) as inside:
        return 1 if _tortured(options, inside) else 0


def _tortured(options: argparse.Namespace, inside: Before) -> bool:
    """Torture the sweeps that are asked for; return whether anything is wrong."""
    folder, any_wrong = Path(tempfile.mkdtemp(prefix="gitexp-sweeps-")), False
    for seed in options.seed or range(5):
        place, began = folder / str(seed), time.monotonic()
        beside = bool(inside) or seed % 2 == 1
        asked = {"kills": options.kills, "points": options.points, "beside": beside}
        outcome = torture(place, seed, **asked, inside=inside)
        took = time.monotonic() - began
        kills = ", ".join(f"{count} of {who}" for who, count in sorted(outcome.kills.items()))
        _say(f"sweep {seed}: {outcome.runs} runs, {outcome.calls} calls, {kills}, {took:.0f} s")
        for text in outcome.wrong:
            _say(f"WRONG {text}")
        any_wrong = any_wrong or bool(outcome.wrong)
        if not (outcome.wrong and options.keep):
            shutil.rmtree(place, ignore_errors=True)
    return any_wrong


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
