"""The pre-commit framework beside gitexp's hooks, whichever came first, and calling its checks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pre_commit.clientlib import load_manifest

from tests.hooks.workshop import Track
from tests.workshop import Git, GitEnded, Gitexp

CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: theirs
        name: theirs
        language: system
        entry: sh -c 'echo ran >>ran.log'
        always_run: true
        pass_filenames: false
"""


MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"


def framework(*args: str) -> None:
    command = [sys.executable, "-m", "pre_commit", *args]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def runs(work_tree: Path) -> int:
    """Return how often the framework's own hook has run."""
    log = work_tree / "ran.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def configured(work_tree: Path, git: Git) -> Path:
    (work_tree / ".pre-commit-config.yaml").write_text(CONFIG)
    (work_tree / ".gitignore").write_text("/ran.log\n/data.csv\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "framework")
    return work_tree


def commit_broken(work_tree: Path, git_ended: GitEnded) -> str:
    (work_tree / "params.yaml").write_text("lr: [1\n")
    git_ended("add", "params.yaml")
    ended = git_ended("commit", "-m", "broken")
    git_ended("checkout", "--quiet", "HEAD", "--", "params.yaml")
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("first", ["gitexp", "framework"])
def test_both_run_whichever_came_first(
    configured: Path, git_ended: GitEnded, gitexp: Gitexp, first: str
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: gitexp("hooks", "install"),
        lambda: framework("install"),
    ]
    for step in steps if first == "gitexp" else reversed(steps):
        step()

    assert commit_broken(configured, git_ended).count("gitexp: not committed") == 1
    assert runs(configured) == 1
    assert git_ended("commit", "--allow-empty", "-m", "one").returncode == 0
    assert runs(configured) == 2


@pytest.mark.parametrize("order", ["gitexp", "framework"])
def test_the_framework_goes_and_ours_stays_or_the_other_way_round(
    configured: Path, git_ended: GitEnded, gitexp: Gitexp, order: str
) -> None:
    framework("install")
    only_theirs = (configured / ".git/hooks/pre-commit").read_bytes()
    gitexp("hooks", "install")

    if order == "gitexp":
        gitexp("hooks", "uninstall")
        assert (configured / ".git/hooks/pre-commit").read_bytes() == only_theirs
        assert not (configured / ".git/hooks/pre-commit.legacy").exists()
        assert "gitexp" not in commit_broken(configured, git_ended)
    else:
        framework("uninstall")
        assert "gitexp: not committed" in commit_broken(configured, git_ended)
        assert runs(configured) == 0


def test_a_script_of_the_users_outlives_both(
    configured: Path, git_ended: GitEnded, gitexp: Gitexp
) -> None:
    path = configured / ".git/hooks/pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\necho mine >&2\n")
    path.chmod(0o755)
    before = sorted(one.name for one in path.parent.iterdir()), path.read_bytes()

    gitexp("hooks", "install")
    framework("install")
    said = commit_broken(configured, git_ended)
    gitexp("hooks", "uninstall")
    assert "mine" in git_ended("commit", "--allow-empty", "-m", "one").stderr
    framework("uninstall")

    assert ("mine" in said, "gitexp: not committed" in said) == (True, True)
    assert (sorted(one.name for one in path.parent.iterdir()), path.read_bytes()) == before


def test_the_published_hooks_do_the_same_in_the_framework(
    work_tree: Path, git: Git, git_ended: GitEnded, track: Track, tmp_path: Path
) -> None:
    hooks = [{**hook, "language": "system"} for hook in load_manifest(MANIFEST)]
    stages = sorted({stage for hook in hooks for stage in hook["stages"]} - {"pre-merge-commit"})
    config = {"repos": [{"repo": "local", "hooks": hooks}], "default_install_hook_types": stages}
    (work_tree / ".pre-commit-config.yaml").write_text(json.dumps(config))
    (work_tree / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'store'}\n"
    )
    git("add", "--all")
    git("commit", "--quiet", "-m", "framework")
    framework("install")
    git("init", "--quiet", "--bare", tmp_path / "hub")
    git("remote", "add", "origin", tmp_path / "hub")

    assert "gitexp: not committed" in commit_broken(work_tree, git_ended)
    track("one\n")
    git("checkout", "--quiet", "-b", "side")
    track("two\n")
    git("checkout", "--quiet", "main")
    assert (work_tree / "data.csv").read_text() == "one\n"
    git("merge", "--quiet", "side")
    assert (work_tree / "data.csv").read_text() == "two\n"
    git("checkout", "--quiet", "-b", "other", "main~1")
    assert git_ended("commit", "--allow-empty", "-m", "other").returncode == 0
    git("rebase", "--quiet", "side")
    assert (work_tree / "data.csv").read_text() == "two\n"
    assert git_ended("push", "--quiet", "origin", "main").returncode == 0
    assert sum(path.is_file() for path in (tmp_path / "store").rglob("*")) == 2
    (work_tree / "metrics.json").write_text('{"accuracy": 0.99}\n')
    (work_tree / "gitexp.yaml").write_text("policy:\n  accuracy: {max: 0.95}\n")
    git("add", "gitexp.yaml")
    editor = {"GIT_EDITOR": 'sh -c \'cat "$0" >shown; echo x >"$0"\''}
    assert "gitexp: warning: accuracy is 0.99" in git_ended("commit", "--all", env=editor).stderr
    assert "# Metrics:\n#   accuracy 0.9 -> 0.99 (+0.09)\n" in (work_tree / "shown").read_text()
