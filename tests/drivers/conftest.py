"""A repository in which git calls the drivers, set up as `gitexp init` does it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitexp.drivers.registration import register
from gitexp.project import Project

POINTER = "outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: model.pt\n"
PARAMS = """\
# how we train
train:
  lr: 0.1   # found by hand
  layers: [64, 32]

seed: 1
"""
FILES: Mapping[str, str] = {
    "params.yaml": PARAMS,
    "metrics.json": '{\n  "accuracy": 0.9,\n  "loss": 0.3\n}\n',
    "model.pt.dvc": POINTER.format(md5="a" * 32, size=1_234_567),
    "train.py": "print(1)\n",
}

Git = Callable[..., "subprocess.CompletedProcess[str]"]
Commit = Callable[..., None]


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, with one commit; the current directory."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    subprocess.run(["git", "init", "--quiet"], check=True)
    for name, content in FILES.items():
        (place / name).write_text(content)
    with Project.open(place) as project:
        register(project)
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "--quiet", "-m", "start"], check=True)
    return place


@pytest.fixture
def git(top: Path) -> Git:
    """Run git in the repository, or in `cwd`, whatever its exit code."""

    def run(*args: str, cwd: Path = top) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *args], cwd=cwd, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def commit(top: Path, git: Git) -> Commit:
    """Commit files on a branch, made at main where it is new."""

    def make(branch: str, **files: str) -> None:
        if git("checkout", "--quiet", branch).returncode:
            git("checkout", "--quiet", "-b", branch, "main")
        for name, content in files.items():
            (top / name.replace("__", ".")).write_text(content)
        git("add", "--all")
        assert git("commit", "--quiet", "-m", f"on {branch}").returncode == 0

    return make
