"""A real repository, and git itself to judge what we do to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitexp.git.repository import Repository

Git = Callable[..., str]


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def run(*args: str | Path, cwd: Path | None = None) -> str:
        ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return os.fsdecode(ended.stdout)

    return run


@pytest.fixture
def work_tree(tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two files, committed; the current directory."""
    top = tmp_path / "work"
    git("init", "--quiet", top)
    (top / "train.py").write_text("print('training')\n")
    (top / "conf").mkdir()
    (top / "conf" / "params.yaml").write_text("rate: 0.1\n")
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "-m", "start", cwd=top)
    monkeypatch.chdir(top)
    return top


@pytest.fixture
def repository(work_tree: Path) -> Iterator[Repository]:
    """The repository of `work_tree`, opened."""
    with Repository.open(work_tree) as opened:
        yield opened
