"""The project whose files are damaged: runs packed and loose, notes, data, a run that was lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.torture.environment import environment
from tests.torture.warm import MORE, Warm
from tests.workshop import DEADLINE, DVC, commit_all, git, make_repository, sealed

FILES: Mapping[str, str] = {
    "fit.sh": (
        "read name rate < params.yaml\n"
        'echo "{\\"loss\\": $rate}" > metrics.json\n'
        'echo "trained with $rate"\n'
        'echo "weights of $rate" > model.pt\n'
        'echo "report of $rate" > report.txt\n'
    ),
    "wait.sh": "touch started\nsleep 600\n",
    "params.yaml": "rate: 0.5\nseed: 1\n",
    "gitexp.yaml": "outputs: [report.txt]\ntrack: ['*.pt']\npolicy:\n  loss: {goal: min}\n",
    ".gitignore": "started\nbegun-*\n",
    **DVC,
}
RATES = ("0.5", "0.25", "0.75", "0.125")
_PATIENCE = DEADLINE


class Ground:
    """A project with a hub that has its runs; a copy of it, always in one place, is damaged."""

    def __init__(self, folder: Path, *, imports: str = "", with_lost_run: bool = True) -> None:
        self._with_lost_run = with_lost_run
        folder.mkdir(parents=True, exist_ok=True)
        self.place = folder / "place"
        """Holds `work`, `hub.git`, `store` and DVC's own database."""
        self.work = self.place / "work"
        self._model = folder / "model"
        self.env = sealed(folder / "home")
        self.env["DVC_SITE_CACHE_DIR"] = str(self.place / "site")
        for role in ("AUTHOR", "COMMITTER"):  # as users have it: gitexp writes its commits itself
            self.env.pop(f"GIT_{role}_DATE", None)
        self._folder = folder
        self.warm = Warm({**self.env, MORE: imports})
        with environment(self.env):
            self._make()
        self.place.rename(self._model)

    def renew(self) -> None:
        """Have everything as it was."""
        shutil.rmtree(self.place, ignore_errors=True)
        subprocess.run(["cp", "-a", self._model, self.place], check=True)

    def take(self) -> None:
        """Have every copy be from now on as this one is now."""
        shutil.rmtree(self._model)
        self.place.rename(self._model)

    def _make(self) -> None:
        hub, work = self.place / "hub.git", self.work
        git("init", "--quiet", "--bare", hub)
        make_repository(work, FILES)
        for git_dir in (hub, work / ".git"):
            shutil.rmtree(git_dir / "hooks", ignore_errors=True)
        git("remote", "add", "origin", "../hub.git", cwd=work)
        (work / ".dvc" / "config").write_text(
            "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n"
        )
        commit_all(work, "a store")
        for number, rate in enumerate(RATES):
            self.call("run", "-S", f"rate={rate}", "-n", f"run-{number}", "--", "sh", "fit.sh")
            if number == 1:
                self.call("push")
                git("repack", "-adq", cwd=work)
                git("pack-refs", "--all", cwd=work)
        git("checkout", "--quiet", "--", "params.yaml", cwd=work)
        self.call("tag", "run-1", "best")
        self.call("note", "run-2", "-m", "it was odd")
        self.call("rm", "run-3")
        self.call("ls", "--json")
        if self._with_lost_run:
            self._lose(work)

    def _lose(self, work: Path) -> None:
        """Start a run, and kill it with its gitexp: the next command is to record it."""
        victim = subprocess.Popen(
            [sys.executable, "-m", "gitexp", "run", "-n", "lost", "--", "sh", "wait.sh"],
            cwd=work,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _PATIENCE
        while not (work / "started").exists():
            assert victim.poll() is None, "the run ended by itself"
            assert time.monotonic() < deadline, "the run does not start"
            time.sleep(0.05)
        family = psutil.Process(victim.pid).children(recursive=True)
        for process in family:
            process.kill()
        victim.kill()
        psutil.wait_procs(family, _PATIENCE)
        victim.wait()

    def call(self, *args: str) -> str:
        """Run gitexp where nothing is damaged."""
        out, err = self._folder / "out", self._folder / "err"
        status = self.warm.start(args, self.work, self.env, out, err).wait(_PATIENCE)
        assert status == 0, err.read_text()
        return out.read_text()

    def close(self) -> None:
        """Let go of the warm interpreter."""
        self.warm.__exit__(None, None, None)
