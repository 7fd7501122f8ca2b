"""Commands killed at random moments: nothing is lost, nothing is there twice, the next one works.

    python -m tests.torture.kills                                1,250 of each of eight commands
    python -m tests.torture.kills --task push --rounds 50 --seed 3
    python -m tests.torture.kills --minutes 5                    of each for so long at most

A command is started in a copy of a project, with a session of its own, and its process group gets
SIGKILL at a moment drawn evenly from the time that it takes. Then `gitexp ls` must know each run
once, and git must find nothing wrong with its objects. The same command is given again, and killed
again, up to five times; the last one is let end, and what must hold is looked at. A lock that a
killed git has left is removed as its error says. What is counted are kills: a command that had
ended before is none. Prints what is wrong, and exits with 1 if anything is. SIGTERM has it end,
and say what came of the kills so far.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.torture.killed.project import PATIENCE, Project
from tests.torture.killed.tasks import TASKS, Task
from tests.torture.program import (
    counts,
    end_when_asked,
    folder_for,
    in_time,
    options_of,
    say,
    seed_of,
)

_MOST = 5
"""How often one project is killed in."""
_SHORTER, _LONGER = 0.95, 1.0045
"""By how much the latest moment moves if a command had ended before it, and if not.

So 8 % of them end, however busy the machine is, and no moment up to the end is left out.
"""
_KILLED, _ENDED = "killed", "ended before"


class Kills:
    """The lives of a project, each with some kills."""

    def __init__(self, project: Project, task: Task, *, measured: int = 3) -> None:
        self.project = project
        self.task = task
        self._latest = min(project.whole(task) for _ in range(measured))

    def life(self, lot: Random, most: int = _MOST) -> tuple[list[str], list[str]]:
        """Kill the command some times, then let it end; return what came of it, and is wrong."""
        project, task = self.project, self.task
        project.renew(task)
        outcomes: list[str] = []
        for number in range(lot.randint(1, most)):
            outcomes.append(self._killed(number, lot.uniform(0.0, self._latest)))
            has_ended = outcomes[-1] == _ENDED
            if number == 0:  # what is given again may have less to do
                self._latest *= _SHORTER if has_ended else _LONGER
            if has_ended:
                break
            if wrong := project.meanwhile(task):
                return outcomes, wrong
        return outcomes, project.at_last(task, task.last or task.given(len(outcomes)))

    def _killed(self, number: int, after: float) -> str:
        """Start the command and kill it in a moment; return whether it had ended by itself."""
        project, args = self.project, self.task.given(number)
        out, err = project.folder / "out", project.folder / "err"
        cwd = project.ground.place / self.task.folder
        victim = project.warm.start(args, cwd, project.ground.env, out, err, own_session=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            victim.wait(after)
        if not victim.has_ended():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(victim.pid, signal.SIGKILL)
        outcome = _KILLED if victim.wait(PATIENCE) == -signal.SIGKILL else _ENDED
        said = err.read_text(errors="replace")
        project.told.append(f"$ gitexp {' '.join(args)}: {outcome}, {after:.3f} s\n{said}")
        return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Kill commands, and say what came of it."""
    parser = options_of(__doc__, rounds=1250, of=("task", TASKS))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what is wrong there")
    options = parser.parse_args(argv)
    end_when_asked()
    with folder_for("kills") as folder:
        project = Project(folder)
        try:
            faults = [_tortured(project, TASKS[one], options) for one in options.task or TASKS]
        finally:
            project.close()
    return int(any(faults))


def _tortured(project: Project, task: Task, options: argparse.Namespace) -> int:
    began = time.monotonic()
    kills = Kills(project, task)
    counted: Counter[str] = Counter()
    faults = number = 0
    for number in in_time(itertools.count(), options.minutes):
        most = min(_MOST, options.rounds - counted[_KILLED])
        if most <= 0:
            break
        outcomes, wrong = kills.life(Random(seed_of(options, number)), most)
        counted.update(outcomes)
        faults += bool(wrong)
        for one in wrong:
            say(f"WRONG {task.name} {number}: {one}")
        if wrong and options.keep:
            shutil.copytree(
                project.ground.place, options.keep / f"{task.name}-{number}", symlinks=True
            )
    if project.left_by_dvc:
        counted["copy of DVC's left"], project.left_by_dvc = project.left_by_dvc, 0
    say(
        f"{task.name}: in {number:,} projects and {time.monotonic() - began:.0f} s "
        f"{counts(counted.most_common())}, {faults} wrong"
    )
    return faults


if __name__ == "__main__":
    sys.exit(main())
