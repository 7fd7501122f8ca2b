"""A repository with experiments under `refs/exps`, as DVC leaves them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitexp.project import Project

Experiment = Callable[..., str]
Git = Callable[..., str]


@pytest.fixture
def git(work_tree: Path) -> Git:
    """Run git in the work tree, or in `cwd`, and return what it prints, without line ends."""

    def run(*args: str, cwd: Path = work_tree, env: Mapping[str, str] | None = None) -> str:
        environment = {**os.environ, **(env or {})}
        ended = subprocess.run(
            ["git", *args], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    return run


@pytest.fixture
def work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with DVC and params, committed; the current directory."""
    top = tmp_path / "work"
    files = {
        ".dvc/config": "",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        "params.yaml": "lr: 0.1\nseed: 1\n",
        "dvc.yaml": "metrics: [metrics.json]\n",
    }
    for path, content in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)
    for args in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "start"]):
        subprocess.run(["git", *args], cwd=top, check=True)
    monkeypatch.chdir(top)
    return top


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


@pytest.fixture
def experiment(work_tree: Path, git: Git, tmp_path: Path) -> Experiment:
    """Make an experiment: `experiment("name", {"metrics.json": "{}"})`; return its oid.

    What DVC would write is the commit and the ref; `parent` is an earlier checkpoint of it.
    """

    def make(
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        baseline: str = "HEAD",
        parent: str | None = None,
        message: str | None = None,
    ) -> str:
        env = {"GIT_INDEX_FILE": str(tmp_path / "index")}
        git("read-tree", parent or baseline, env=env)
        for path, content in (files or {"metrics.json": '{"accuracy": 0.9}\n'}).items():
            blob = work_tree.parent / "blob"
            blob.write_text(content)
            oid = git("hash-object", "-w", str(blob))
            git("update-index", "--add", "--cacheinfo", f"100644,{oid},{path}", env=env)
        tree = git("write-tree", env=env)
        base = git("rev-parse", baseline)
        said = message or f"dvc: commit experiment {name}"
        oid = git("commit-tree", tree, "-p", parent or base, "-m", said)
        git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/{name}", oid)
        return oid

    return make
