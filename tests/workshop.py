"""What the tests work with: git and gitexp as functions, and small repositories that are real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

EPOCH = "2026-01-02T03:04:05+00:00"
FOREIGN = ("GIT_", "GITEXP_", "DVC_", "GITHUB_", "GITLAB_", "CI_")

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

PROJECT: Mapping[str, str] = {
    "train.py": TRAIN,
    "params.yaml": "rate: 0.1\nseed: 1\n",
    "gitexp.yaml": (
        "command: python train.py\npolicy:\n  accuracy: {goal: max}\n  loss: {goal: min}\n"
    ),
    ".gitignore": "__pycache__/\n",
}
"""A small project; a run of it writes metrics.json."""

DVC: Mapping[str, str] = {
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}
"""What makes a project one of DVC's."""


class Outcome(NamedTuple):
    """How a call of gitexp ended; equal to a plain tuple of the three."""

    code: int
    out: str
    err: str


class Git(Protocol):
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def __call__(self, *args: str | Path, cwd: Path | None = None) -> str: ...


class GitEnded(Protocol):
    """Run git in the current directory, or in `cwd`, whatever its exit code."""

    def __call__(
        self, *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


class Gitexp(Protocol):
    """Run `gitexp ARGS...` in the current directory, or in `cwd`."""

    def __call__(self, *args: str | Path, cwd: Path | None = None) -> Outcome: ...


class NewRepository(Protocol):
    """Make a repository: `new_repository("name", {"path": "content"})`, committed if it has any."""

    def __call__(self, name: str, files: Mapping[str, str] | None = None) -> Path: ...


def sealed(home: Path) -> dict[str, str]:
    """Make a home; return an environment without the developer's settings, hooks, caches and clock.

    Nor does it tell of CI. `python` is the interpreter of the tests.
    """
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": EPOCH,
        "GIT_COMMITTER_DATE": EPOCH,
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
    }


def git(*args: str | Path, cwd: Path | None = None) -> str:
    """Run git and return what it prints."""
    ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return os.fsdecode(ended.stdout)


def git_ended(
    *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git, whatever its exit code."""
    return subprocess.run(
        ["git", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


def write(top: Path, files: Mapping[str, str]) -> None:
    """Write files and the folders that they need."""
    for path, content in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)


def commit_all(top: Path, message: str = "start") -> None:
    """Commit the work tree as it is."""
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "-m", message, cwd=top)


def make_repository(top: Path, files: Mapping[str, str]) -> Path:
    """Make a repository with these files in one commit, or with no commit if there are none."""
    git("init", "--quiet", top)
    write(top, files)
    if files:
        commit_all(top)
    return top


def shell(script: str, top: Path) -> str:
    """Run the lines of a script until one fails, and return what they print.

    A history that is the subject of a test is best read as the commands that make it.
    """
    ended = subprocess.run(
        ["sh", "-euc", script], cwd=top, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
