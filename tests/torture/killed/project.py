"""The project in which commands are killed, or let fail, and how to see whether it is sound."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.torture.damaged.ground import Ground
from tests.torture.environment import environment
from tests.torture.killed.tasks import Runs, Task, meanwhile
from tests.torture.program import indented
from tests.torture.warm import LIBRARIES
from tests.workshop import git

PATIENCE = 180.0
_COPY = re.compile(r"\?\? (.*/)?\.[\w-]{22}\.tmp")
"""What DVC calls a file of data until it is whole, and leaves if it is killed."""
_MOMENT = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_IMPORTED = " ".join(
    (
        *(
            f"gitexp.cli.commands.{name}"
            for name in ("push", "pull", "gc", "purge", "apply", "sweep", "promote", "rm", "note")
        ),
        *(
            "gitexp.cli.own_modules",
            "gitexp.rendering.layout",
            "gitexp.execution.work_tree.opened",
            LIBRARIES,
        ),
    )
)
"""What the commands import, which is not what is to be killed here."""


class Project:
    """A project with a hub, a store and another clone, and what has been said in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ground = Ground(folder, imports=_IMPORTED, with_lost_run=False)
        self.warm = self.ground.warm
        with environment(self.ground.env):
            self._with_other()
        self.told: list[str] = []
        """What the commands of this life have said, to be shown if anything is wrong."""
        self.left_by_dvc = 0
        """How many copies that were not whole a killed DVC has left in work trees."""
        self._whole: dict[str, list[str]] = {}

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
        self.ground.close()

    def renew(self, task: Task) -> None:
        """Have everything as it was, up to where the command is given."""
        self.ground.renew()
        self.told = []
        if task.before:
            status, _, err = self.call(task, task.before)
            assert status == 0, err

    def call(self, task: Task, args: Sequence[str]) -> tuple[int, str, str]:
        """Make a call to its end."""
        out, err = self.folder / "out", self.folder / "err"
        cwd = self.ground.place / task.folder
        status = self.warm.start(args, cwd, self.ground.env, out, err).wait(PATIENCE)
        said = err.read_text(errors="replace")
        self.told.append(f"$ gitexp {' '.join(args)}: {status}\n{said}")
        return status, out.read_text(errors="replace"), said

    def whole(self, task: Task) -> float:
        """Give the command twice, unhurt, and learn what it comes to; return what it takes."""
        self.renew(task)
        self._whole[task.name] = []
        took = []
        for args in (task.given(0), task.last or task.given(1)):
            began = time.monotonic()
            status, _, err = self.call(task, args)
            took.append(time.monotonic() - began)
            assert status in task.codes, err
            self._whole[task.name].append(self._state(task))
        return took[0]

    def meanwhile(self, task: Task) -> list[str]:
        """Return what is wrong once a command was cut off, before it is given again."""
        self.wait_for_all()
        locks = self._remove_locks()
        self.told.extend(f"(removed {path.relative_to(self.ground.place)})\n" for path in locks)
        runs, wrong = self._listed(task)
        wrong += meanwhile(task, self.ground.place, runs) if not wrong else []
        return self._shown([*wrong, *self._fsck(task.folder)])

    def at_last(self, task: Task, args: Sequence[str]) -> list[str]:
        """Give the last command, and return what is wrong with what came of all of them."""
        status, _, said = self.call(task, args)
        wrong = []
        if status not in task.codes:
            wrong.append(f"`gitexp {' '.join(args)}` ends with {status}: {said}")
        runs, unlisted = self._listed(task)
        wrong += unlisted
        if not wrong:
            wrong += meanwhile(task, self.ground.place, runs)
            with environment(self.ground.env):
                wrong += task.look(self.ground.place, runs)
            wrong += self._fsck(task.folder, "hub.git")
            wrong += self._left(task)
            if (state := self._state(task)) not in self._whole[task.name]:
                wrong.append(f"it ends as\n{state}\nnot as\n{self._whole[task.name][-1]}")
        return self._shown(wrong)

    def _shown(self, wrong: Sequence[str]) -> list[str]:
        told = "".join(self.told)
        bugs = ["a traceback"] if "Traceback" in told else []
        return [f"{one}\n{indented(told.splitlines()[-40:])}" for one in (*wrong, *bugs)]

    def _listed(self, task: Task) -> tuple[Runs, list[str]]:
        status, out, err = self.call(task, ("ls", "-N", "0", "--json"))
        if status:
            return [], [f"`gitexp ls`: {status}, {err}"]
        runs: Runs = json.loads(out)
        return runs, [f"unreadable: {one}" for one in runs if "name" not in one]

    def wait_for_all(self) -> None:
        """Wait for what outlived it: the command of a run, a git that notices no reader."""
        deadline = time.monotonic() + PATIENCE
        # Twice: one that begins while the first look is under way, and that by one which ends.
        while any(_at_work(self.ground.place)) or any(_at_work(self.ground.place)):
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

    def _fsck(self, *names: str) -> Iterator[str]:
        for name in names:
            said = self._git(name, "fsck", "--strict", "--no-dangling", "--no-progress")
            yield from (f"fsck of {name}: {line}" for line in said.splitlines())

    def _left(self, task: Task) -> Iterator[str]:
        own = self.ground.place / task.folder / ".git" / "gitexp"
        left = [*(own / "journal").glob("*"), *(own / "runs").glob("*")]
        left += own.parent.glob("refs/gitexp/pending/*")
        yield from (f"left: {path.relative_to(self.ground.place)}" for path in left)

    def _state(self, task: Task) -> str:
        """Return what is the same however often the command had to be given."""
        refs = self._git(task.folder, "for-each-ref", "--format=%(refname)")
        names = sorted({_MOMENT.sub("now", name) for name in refs.splitlines()})
        files = self._git(task.folder, "status", "--porcelain").splitlines()
        copies = [one for one in files if _COPY.fullmatch(one)]
        self.left_by_dvc += len(copies)
        return "\n".join((*names, *(one for one in files if one not in copies)))

    def _git(self, name: str, *args: str) -> str:
        ended = subprocess.run(
            ("git", *args),
            cwd=self.ground.place / name,
            env=self.ground.env,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.stdout + ended.stderr


def _at_work(place: Path) -> Iterator[int]:
    """Yield the processes that run in a place."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - hundreds, time and again
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{name}/cwd").startswith(str(place)):  # noqa: PTH115
                    yield int(name)
