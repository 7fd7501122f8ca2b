"""Single system calls of push, purge and note that fail: nothing is lost, and it is told.

    python -m tests.torture.calls                         every place of each
    python -m tests.torture.calls --task push --rounds 50 --seed 3
    python -m tests.torture.calls --task push --call main:openat:17

The calls of gitexp's own main thread, and of the gits that it starts, are counted once. Calls of
one kind that are made on the same way are one place (`places.py`); one of them, drawn by lot, is
let fail by strace with one of the errors that it can give, and the command is given again without
a fault, as after a kill (`kills.py`). What `run` does is let fail by `faults.py`. Needs strace.
Exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.torture.faulty import STRACE, is_traced, with_another_git
from tests.torture.killed.project import PATIENCE, Project
from tests.torture.killed.tasks import NOTE, TASKS, Task
from tests.torture.places import (
    WATCHED,
    Place,
    Way,
    has_failed,
    places_in,
    places_of,
    told_apart,
)
from tests.torture.program import (
    counts,
    end_when_asked,
    folder_for,
    in_time,
    options_of,
    say,
    seed_of,
)
from tests.torture.stacks import MARK, stacks_in

_WITH_WAYS = 1200.0
"""Seconds that a command may take of which each call is told with its way, on a busy machine."""
_TASKS = {one.name: one for one in (TASKS["push"], TASKS["purge"], NOTE)}
NOT_HIT = "the call did not come"


class Calls(Project):
    """The project in which calls fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._faults = folder / "faults"

    def ways(self, task: Task) -> Mapping[Place, Way]:
        """Return the calls that a command makes, with the way to each."""
        self.whole(task)
        options = f"-s 300 -e trace={WATCHED},{MARK},execve"
        status = self._run(task, "all", options, with_ways=True)
        assert status == 0, self.told
        traces = sorted(self._faults.glob("*.trace"), key=lambda one: (len(one.stem), one.stem))
        stacks = stacks_in(self._faults / "stacks")
        found = (one for trace in traces for one in places_in(trace, trace.stem, stacks))
        return told_apart(found)

    def fail(self, task: Task, place: Place, turn: int) -> tuple[str, list[str]]:
        """Let one call fail; return what came of it, and what is wrong."""
        error = place.error(turn)
        inject = f"-e inject={place.call}:error={error}:when={place.nth}"
        status = self._run(task, place.who, f"-e trace={place.call} {inject}")
        said = self.told[-1]
        if not has_failed(self._faults / f"{place.who}.trace"):
            return NOT_HIT, []
        outcome = "done all the same" if status == 0 else "told"
        wrong = self.meanwhile(task)
        if status < 0 or (status and "error:" not in said and status != 1):
            wrong.append(f"it ends with {status}: {said}")
        wrong += self.at_last(task, task.last or task.given(1)) if not wrong else []
        return outcome, [f"{place} {error}: {one}" for one in wrong]

    def _run(self, task: Task, who: str, options: str, *, with_ways: bool = False) -> int:
        """Run the command under strace, or a git of it; return its exit status."""
        self.renew(task)
        shutil.rmtree(self._faults, ignore_errors=True)
        self._faults.mkdir()
        (self._faults / "go").touch()
        env = {**self.ground.env, "FAULTS": str(self._faults)}
        is_main = who in ("main", "all")
        if who != "main":
            native = f"-k {options}" if with_ways else options
            env |= with_another_git(self._faults, env["PATH"], who, native)
        out, err = self.folder / "out", self.folder / "err"
        victim = self.warm.start(
            task.given(0),
            self.ground.place / task.folder,
            env,
            out,
            err,
            self._faults / "stacks" if with_ways else None,
            own_session=True,
            stopped=is_main,
        )
        tracer = self._attached(victim.pid, options) if is_main else None
        try:
            status = victim.wait(_WITH_WAYS if with_ways else PATIENCE)
        except subprocess.TimeoutExpired:
            status = -signal.SIGKILL
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(victim.pid, signal.SIGKILL)
            if tracer is not None:
                tracer.wait(PATIENCE)
        victim.wait(PATIENCE)
        said = err.read_text(errors="replace")
        self.told.append(f"$ gitexp {' '.join(task.given(0))}: {status}, {options}\n{said}")
        return status

    def _attached(self, pid: int, options: str) -> subprocess.Popen[bytes]:
        """Have strace attach to a process that is stopped, and let that go on."""
        _wait(lambda: _state(pid) == "T")
        trace = str(self._faults / "main.trace")
        command = [str(STRACE), "-qq", "-o", trace, *options.split(), "-p", str(pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait(lambda: is_traced(pid))
        os.kill(pid, signal.SIGCONT)
        return tracer


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.002)


def main(argv: Sequence[str] | None = None) -> int:
    """Let calls fail, and say what came of it."""
    parser = options_of(__doc__, rounds=100_000, of=("task", _TASKS))
    parser.add_argument("--call", action="append", help="this call alone, as it was printed")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th place")
    parser.add_argument("--start", type=int, default=0, metavar="K", help="from the K-th on")
    options = parser.parse_args(argv)
    if STRACE is None:
        parser.error("there is no strace here")
    end_when_asked()
    with folder_for("calls") as folder:
        calls = Calls(folder)
        try:
            faults = [_tortured(calls, _TASKS[one], options) for one in options.task or _TASKS]
        finally:
            calls.close()
    return int(any(faults))


def _tortured(calls: Calls, task: Task, options: argparse.Namespace) -> int:
    began = time.monotonic()
    if options.call:
        calls.whole(task)
    ways = calls.ways(task) if not options.call else {}
    places = places_of(ways)
    lot = Random(seed_of(options, 0))
    drawn = [lot.choice(alike) for alike in places.values()]
    lot.shuffle(drawn)
    drawn = drawn[options.start :: options.every]
    if options.call:
        drawn = [Place.parsed(one) for one in options.call]
    outcomes: Counter[str] = Counter()
    faults = 0
    for turn, place in enumerate(in_time(drawn[: options.rounds], options.minutes)):
        outcome, wrong = calls.fail(task, place, turn)
        outcomes[outcome] += 1
        faults += bool(wrong)
        for one in wrong:
            say(f"WRONG {task.name} {one}")
    gits = sum(alike[0].who != "main" for alike in places.values())
    say(
        f"{task.name}: {len(ways):,} calls in {len(places):,} places, {gits:,} of them in git; "
        f"{outcomes.total():,} let fail in {time.monotonic() - began:.0f} s: "
        f"{counts(outcomes.most_common())}, {faults} wrong"
    )
    return faults


if __name__ == "__main__":
    sys.exit(main())
