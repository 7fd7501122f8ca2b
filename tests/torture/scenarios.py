"""The projects in which calls are let fail, each with the run that is recorded in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.workshop import DVC, commit_all, git, make_repository, sealed, write

HOLD = """\
touch "$FAULTS/ready"
read -r go < "$FAULTS/hold"
exit {code}
"""
"""The last act of a command, at a named pipe: from here on calls are counted, and let fail."""

TRAIN = """\
echo epoch 1; echo slow >&2
echo '{"loss": 0.5, "accuracy": 0.75}' > metrics.json
echo 'this run' > report.txt
echo 'weights of this run' > model.pt
mkdir -p out/deep
echo 'more weights' > out/deep/head.joblib
echo 'a table' > out/table.txt
echo 'step,loss' > curve.csv
"""

FILES: Mapping[str, str] = {
    "fit.sh": TRAIN + HOLD.format(code=0),
    "crash.sh": TRAIN + HOLD.format(code=7),
    "params.yaml": "rate: 0.1\nseed: 1\n",
    "gitexp.yaml": "metrics: [metrics.json]\noutputs: [report.txt]\nplots: [curve.csv]\n"
    "policy:\n  loss: {goal: min}\n",
    "metrics.json": '{"loss": 9.5, "accuracy": 0.25}\n',
    "report.txt": "an earlier run\n",
    "curve.csv": "an earlier curve\n",
    "notes.txt": "mine\n",
    "src/deep/code.py": "x = 1\n",
    ".gitignore": "__pycache__/\n",
    **DVC,
}


@dataclass(frozen=True)
class Scenario:
    """A run that is made again and again."""

    name: str
    options: tuple[str, ...]
    script: str
    status: int
    first: bool = False
    """Whether it is the first run of its project, in which DVC is not set up yet either."""


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("done", (), "fit.sh", 0),
        Scenario("failed", ("-S", "rate=0.7"), "crash.sh", 7),
        Scenario("first", (), "fit.sh", 0, first=True),
        Scenario("copy", ("--temp",), "fit.sh", 0),
    )
}


class Ground:
    """Where the projects of one scenario are made, all alike."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.scenario = scenario
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        env = sealed(folder / "home")
        for role in ("AUTHOR", "COMMITTER"):  # as users have it: gitexp writes its commits itself
            env.pop(f"GIT_{role}_DATE", None)
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        self.env = env
        self._model = folder / "model"
        self._made = 0
        _make_project(self._model, scenario, env)

    def new(self) -> Path:
        """Return the folder of a project as it is before the run."""
        self._made += 1
        project = self._folder / f"project-{self._made}"
        subprocess.run(["cp", "-a", self._model, project], check=True)
        return project


def gitexp(
    project: Path, env: Mapping[str, str], *args: str, check: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run gitexp without faults."""
    command = [sys.executable, "-m", "gitexp", *args]
    return subprocess.run(
        command, cwd=project, env=dict(env), capture_output=True, text=True, check=check
    )


def _make_project(top: Path, scenario: Scenario, env: Mapping[str, str]) -> None:
    before = dict(os.environ)
    os.environ.update(env)
    try:
        files = dict(FILES)
        if scenario.first:
            files = {path: text for path, text in files.items() if path not in DVC}
        make_repository(top, files)
        if not scenario.first:
            _with_a_past(top, env)
        write(top, {"notes.txt": "mine, edited\n", "new.py": "y = 1\n"})
        git("add", "new.py", cwd=top)
        shutil.rmtree(top / ".git" / "hooks", ignore_errors=True)  # samples, copied for each run
    finally:
        os.environ.clear()
        os.environ.update(before)


def _with_a_past(top: Path, env: Mapping[str, str]) -> None:
    """Add a run, and a model behind a pointer in git."""
    line = """echo 'old weights' > model.pt; echo '{"loss": 0.6}' > metrics.json"""
    gitexp(top, env, "run", "-n", "past", "--", "sh", "-c", line, check=True)
    git("checkout", "--quiet", "--", "metrics.json", cwd=top)
    commit_all(top, "a model")


def record_of(project: Path, name: str) -> dict[str, object] | None:
    """Return the record of a run, read with git alone; None if there is none."""
    listed = subprocess.run(
        ["git", "log", "--format=%H", "experiments", "--"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    found = []
    for oid in listed.stdout.split():
        ended = subprocess.run(
            ["git", "cat-file", "blob", f"{oid}:.gitexp/run.json"],
            cwd=project,
            capture_output=True,
            check=False,
        )
        if ended.returncode == 0 and (record := json.loads(ended.stdout))["name"] == name:
            found.append({**record, "oid": oid})
    assert len(found) <= 1, f"'{name}' is recorded {len(found)} times"
    return found[0] if found else None
