"""A project whose runs are made by a DVC pipeline, and `gitexp` itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitexp.cli.main import main

Gitexp = Callable[..., tuple[int, str, str]]
Git = Callable[..., str]


@pytest.fixture
def git() -> Git:
    """Run git in the current directory and return what it prints."""

    def run(*args: str) -> str:
        return subprocess.run(["git", *args], capture_output=True, text=True, check=True).stdout

    return run


@pytest.fixture
def gitexp(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gitexp:
    """Run `gitexp ARGS...` in the current directory; `python` is the interpreter of the tests."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(*argv: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(arg) for arg in argv])
        sys.stdout.flush()
        captured = capfd.readouterr()
        return int(code), captured.out, captured.err

    return run


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: Git) -> Callable[..., Path]:
    """Make a repository of files, committed, and go there."""

    def make(files: Mapping[str, str], folder: str = "") -> Path:
        top = tmp_path / "work"
        for path, content in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(content)
        monkeypatch.chdir(top)
        git("init", "--quiet")
        git("add", "--all")
        git("commit", "--quiet", "-m", "start")
        monkeypatch.chdir(top / folder)
        return top

    return make
