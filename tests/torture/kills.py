"""Commands killed at random moments: nothing is lost, nothing is there twice, the next one works.

    python -m tests.torture.kills                                1,250 of each of eight commands
    python -m tests.torture.kills --task push --rounds 50 --seed 3
    python -m tests.torture.kills --minutes 5                    of each for so long at most

A command is started in a copy of a project, with a session of its own, and its process group gets
SIGKILL at a moment drawn evenly from the time that it takes. Then `gitexp ls` is asked, the same
command is given again, and what must hold is looked at; git looks at its objects and refs. A lock
that a killed git has left is removed as its error says, and counted. Prints what is wrong, and
exits with 1 if anything is. SIGTERM has it end, and say what came of the kills so far.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tests.torture.damaged.ground import Ground
from tests.torture.environment import environment
from tests.torture.killed.tasks import TASKS, Runs, Task
from tests.torture.warm import MORE, Warm
from tests.workshop import git

_IMPORTED = (
    *("push", "pull", "gc", "purge", "apply", "sweep", "promote", "ls", "run"),
    *("rm", "tag", "note"),
)
_PATIENCE = 180.0
_APART = 1_000_003
_ended: list[bool] = []


class Kills:
    """The project in which commands are killed."""

    def __init__(self, folder: Path, tasks: Sequence[Task]) -> None:
        self.folder = folder
        self.ground = Ground(folder, with_lost_run=False)
        with environment(self.ground.env):
            self._with_other()
        modules = " ".join(f"gitexp.cli.commands.{name}" for name in _IMPORTED)
        self.warm = Warm({**self.ground.env, MORE: modules})
        self._took: dict[str, list[float]] = {}
        for task in tasks:
            for _ in range(2):
                self.renew(task)
                self._took.setdefault(task.name, []).append(self._timed(task))

    def _with_other(self) -> None:
        """Add a clone that has none of the hub's runs."""
        self.ground.renew()
        place = self.ground.place
        git("push", "--quiet", "../hub.git", "main", cwd=self.ground.work)
        git("clone", "--quiet", "--single-branch", "-b", "main", "hub.git", "other", cwd=place)
        shutil.rmtree(place / "other" / ".git" / "hooks", ignore_errors=True)
        self.ground.take()

    def close(self) -> None:
        """Let go of the warm interpreter."""
        self.warm.__exit__(None, None, None)

    def call(self, task: Task, args: Sequence[str]) -> tuple[int, str, str]:
        """Make a call to its end."""
        out, err = self.folder / "out", self.folder / "err"
        cwd = self.ground.place / task.folder
        status = self.warm.start(args, cwd, self.ground.env, out, err).wait(_PATIENCE)
        return status, out.read_text(errors="replace"), err.read_text(errors="replace")

    def renew(self, task: Task) -> None:
        self.ground.renew()
        if task.before:
            status, _, err = self.call(task, task.before)
            assert status == 0, err

    def _timed(self, task: Task) -> float:
        began = time.monotonic()
        status, _, err = self.call(task, task.args)
        assert status == 0, err
        return time.monotonic() - began

    def round(self, task: Task, lot: Random) -> tuple[str, list[str]]:
        """Kill the command, give it again; return in words how far it came, and what is wrong."""
        self.renew(task)
        longest = statistics.median(self._took[task.name][-9:])
        outcome = self._killed(task, lot.uniform(0.0, 1.1 * longest))
        return self.judged(task, outcome)

    def judged(self, task: Task, outcome: str) -> tuple[str, list[str]]:
        """Give a command again that was cut off, and look at what came of both."""
        self._wait_for_all()
        locks = self._remove_locks()
        outcome += ", with a lock of git left" if locks else ""
        status, out, err = self.call(task, ("ls", "-N", "0", "--json"))
        wrong = [] if status == 0 else [f"`gitexp ls` ends with {status}: {err}"]
        status, _, said = self.call(task, task.again)
        if status not in task.codes:
            wrong.append(f"`gitexp {' '.join(task.again)}` ends with {status}: {said}")
        status, out, err2 = self.call(task, ("ls", "-N", "0", "--json"))
        if status:
            wrong.append(f"the last `gitexp ls` ends with {status}: {err2}")
        wrong += [f"a traceback: {text}" for text in (err, said, err2) if "Traceback" in text]
        runs: Runs = json.loads(out) if not status else []
        with environment(self.ground.env):
            wrong += self._looked(task, runs) if not wrong else []
        return outcome, [f"{outcome}: {one}\n{_indented(err + said)}" for one in wrong]

    def _killed(self, task: Task, after: float) -> str:
        """Start the command and kill it in a moment; return whether it had ended by itself."""
        out, err = self.folder / "out", self.folder / "err"
        cwd = self.ground.place / task.folder
        began = time.monotonic()
        victim = self.warm.start(task.args, cwd, self.ground.env, out, err, own_session=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            victim.wait(after)
            self._took[task.name].append(time.monotonic() - began)
            return "ended before"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(victim.pid, signal.SIGKILL)
        if victim.wait(_PATIENCE) != -signal.SIGKILL:
            return "ended before"
        return "killed"

    def _wait_for_all(self) -> None:
        """Wait for what outlived it: the command of a run, a git that notices no reader."""
        deadline = time.monotonic() + _PATIENCE
        while any(_at_work(self.ground.place)):
            assert time.monotonic() < deadline, "something never ends"
            time.sleep(0.01)

    def _remove_locks(self) -> list[Path]:
        """Remove what a killed git never removes, as `gitexp doctor` says."""
        found = [
            path
            for name in ("work/.git", "other/.git", "hub.git")
            for path in (self.ground.place / name).rglob("*.lock")
            if "gitexp" not in path.relative_to(self.ground.place / name).parts[:1]
        ]
        for path in found:
            path.unlink()
        return found

    def _looked(self, task: Task, runs: Runs) -> list[str]:
        place = self.ground.place
        wrong = list(task.look(place, runs))
        for name in dict.fromkeys((task.folder, "hub.git")):
            command = ("git", "fsck", "--strict", "--no-dangling", "--no-progress")
            ended = subprocess.run(
                command, cwd=place / name, capture_output=True, text=True, check=False
            )
            wrong += [
                f"fsck of {name}: {line}" for line in (ended.stdout + ended.stderr).splitlines()
            ]
        own = place / task.folder / ".git" / "gitexp"
        left = [*(own / "journal").glob("*"), *(own / "runs").glob("*")]
        left += own.parent.glob("refs/gitexp/pending/*")
        return [*wrong, *(f"left: {path.relative_to(place)}" for path in left)]


def _at_work(place: Path) -> Iterator[int]:
    """Yield the processes that run in a place."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{entry.name}/cwd").startswith(str(place)):  # noqa: PTH115
                    yield int(entry.name)


def _indented(text: str) -> str:
    return "".join(f"    | {line}\n" for line in text.splitlines()[-12:])


def main(argv: Sequence[str] | None = None) -> int:
    """Kill commands, and say what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", choices=TASKS, action="append", help="this command alone")
    parser.add_argument("--rounds", type=int, default=1250, help="how many kills of each")
    parser.add_argument("--seed", type=int, default=0, help="by which moments are drawn")
    parser.add_argument("--minutes", type=float, help="each for so long at most")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: _ended.append(True))
    folder = Path(tempfile.mkdtemp(prefix="gitexp-kills-"))
    kills = Kills(folder, [TASKS[name] for name in options.task or TASKS])
    try:
        faults = [_tortured(kills, TASKS[name], options) for name in options.task or TASKS]
    finally:
        kills.close()
        shutil.rmtree(folder, ignore_errors=True)
    return int(any(faults))


def _tortured(kills: Kills, task: Task, options: argparse.Namespace) -> int:
    began = time.monotonic()
    counted: Counter[str] = Counter()
    faults = 0
    for number in range(options.rounds):
        if _ended or (options.minutes and time.monotonic() - began > 60 * options.minutes):
            break
        outcome, wrong = kills.round(task, Random(options.seed * _APART + number))
        counted[outcome] += 1
        faults += bool(wrong)
        for one in wrong:
            _say(f"WRONG {task.name} {number}: {one}")
    _say(
        f"{task.name}: {counted.total():,} rounds in {time.monotonic() - began:.0f} s, "
        f"{', '.join(f'{number:,} {how}' for how, number in counted.most_common())}, {faults} wrong"
    )
    return faults


def _say(text: str) -> None:
    print(text.encode(errors="backslashreplace").decode(), flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
