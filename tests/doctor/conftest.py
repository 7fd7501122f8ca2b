"""A repository with a run, and what an examination finds in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from gitexp.cli.main import main
from gitexp.doctor.finding import Finding
from gitexp.project import Project

Git = Callable[..., str]
Examine = Callable[..., list[tuple[str, str, str]]]


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def run(*args: str | Path, cwd: Path | None = None) -> str:
        ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return os.fsdecode(ended.stdout)

    return run


@pytest.fixture
def top(tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one run; the current directory."""
    place = tmp_path / "project"
    git("init", "--quiet", place)
    (place / "train.py").write_text("print('training')\n")
    git("add", "--all", cwd=place)
    git("commit", "--quiet", "-m", "start", cwd=place)
    monkeypatch.chdir(place)
    assert main(["run", "-n", "first", "--", "true"]) == 0
    return place


@pytest.fixture
def examine(top: Path) -> Examine:
    """Return mark, subject and text of what one part of the examination finds.

    What is fine is left out, unless `fine` says otherwise.
    """

    def look(
        part: Callable[[Project], Iterable[Finding]], *, fine: bool = False
    ) -> list[tuple[str, str, str]]:
        with Project.open(top) as project:
            found = list(part(project))
        return [(one.mark, one.subject, one.text) for one in found if fine or one.mark != "ok"]

    return look
