"""Single system calls of push, purge and note that fail: nothing is lost, and it is told.

    python -m tests.torture.calls                         200 calls of each
    python -m tests.torture.calls --task push --rounds 50 --seed 3
    python -m tests.torture.calls --task push --call openat:17

The calls of gitexp's own main thread are counted once; then one of them, drawn by lot, is let
fail by strace with one of the errors that it can give (`places.py` lists them), and the command is
given again without a fault, as after a kill (`kills.py`). What `run` does is let fail, call by call
and in git as well, by `faults.py`. Needs strace. Exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.torture.faulty import STRACE, _is_traced
from tests.torture.killed.tasks import NOTE, TASKS, Task
from tests.torture.kills import Kills, _say
from tests.torture.places import ERRORS, WATCHED, Place, has_failed, places_in

_TASKS = {one.name: one for one in (TASKS["push"], TASKS["purge"], NOTE)}
_PATIENCE = 180.0
_APART = 1_000_003


class Calls(Kills):
    """The project in which calls fail."""

    def counted(self, task: Task) -> list[Place]:
        """Return the calls that a command makes."""
        self.renew(task)
        trace = self._traced(task, f"-e trace={WATCHED}")[1]
        return [place for place, _ in places_in(trace, "main", {})]

    def fail(self, task: Task, place: Place, turn: int) -> tuple[str, list[str]]:
        """Let one call fail; return what came of it, and what is wrong."""
        error = place.error(turn)
        self.renew(task)
        inject = f"-e inject={place.call}:error={error}:when={place.nth}"
        status, trace = self._traced(task, f"-e trace={place.call} {inject}")
        said = (self.folder / "err").read_text(errors="replace")
        if not has_failed(trace):
            return "the call did not come", []
        outcome = "done all the same" if status == 0 else f"told, with {status}"
        outcome, wrong = self.judged(task, outcome)
        if "Traceback" in said or (status and "error:" not in said and status != 1):
            wrong.append(f"{outcome}: {said}")
        return outcome, [f"{place.call}:{place.nth} {error}: {one}" for one in wrong]

    def _traced(self, task: Task, options: str) -> tuple[int, Path]:
        """Run the command under strace; return its exit status, and the trace."""
        out, err, trace = (self.folder / name for name in ("out", "err", "trace"))
        trace.unlink(missing_ok=True)
        cwd = self.ground.place / task.folder
        victim = self.warm.start(
            task.args, cwd, self.ground.env, out, err, own_session=True, stopped=True
        )
        _wait(lambda: _state(victim.pid) == "T")
        command = [str(STRACE), "-qq", "-o", str(trace), *options.split(), "-p", str(victim.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait(lambda: _is_traced(victim.pid))
        os.kill(victim.pid, signal.SIGCONT)
        try:
            return victim.wait(_PATIENCE), trace
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim.pid, signal.SIGKILL)
            tracer.wait(10.0)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _wait(is_so: object) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.005)


def main(argv: Sequence[str] | None = None) -> int:
    """Let calls fail, and say what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", choices=_TASKS, action="append", help="this command alone")
    parser.add_argument("--rounds", type=int, default=200, help="how many calls of each")
    parser.add_argument("--seed", type=int, default=0, help="by which calls are drawn")
    parser.add_argument("--minutes", type=float, help="each for so long at most")
    parser.add_argument("--call", help="this call alone, as NAME:NUMBER")
    options = parser.parse_args(argv)
    if STRACE is None:
        parser.error("there is no strace here")
    folder = Path(tempfile.mkdtemp(prefix="gitexp-calls-"))
    tasks = [_TASKS[name] for name in options.task or _TASKS]
    calls = Calls(folder, tasks)
    try:
        faults = [_tortured(calls, task, options) for task in tasks]
    finally:
        calls.close()
        shutil.rmtree(folder, ignore_errors=True)
    return int(any(faults))


def _tortured(calls: Calls, task: Task, options: argparse.Namespace) -> int:
    began = time.monotonic()
    known = [one for one in calls.counted(task) if one.call in ERRORS]
    lot = Random(options.seed * _APART)
    drawn = lot.sample(known, min(options.rounds, len(known)))
    if options.call:
        drawn = [Place.parsed(f"main:{options.call}")]
    outcomes: Counter[str] = Counter()
    faults = 0
    for turn, place in enumerate(drawn):
        if options.minutes and time.monotonic() - began > 60 * options.minutes:
            break
        outcome, wrong = calls.fail(task, place, turn)
        outcomes[outcome] += 1
        faults += bool(wrong)
        for one in wrong:
            _say(f"WRONG {task.name} {one}")
    _say(
        f"{task.name}: {outcomes.total():,} of {len(known):,} calls in "
        f"{time.monotonic() - began:.0f} s, "
        f"{', '.join(f'{number:,} {how}' for how, number in outcomes.most_common())}, "
        f"{faults} wrong"
    )
    return faults


if __name__ == "__main__":
    sys.exit(main())
