"""Hooks in a project with a DVC pipeline, some of whose outputs git holds itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., "subprocess.CompletedProcess[str]"]

PIPELINE = """\
stages:
  train:
    cmd: mkdir -p curves && tee model.bin scores.json curves/a.csv <params.yaml >/dev/null
    deps: [params.yaml]
    outs: [model.bin]
    metrics: [scores.json: {cache: false}]
    plots: [curves: {cache: false}]
"""


@pytest.fixture
def trained(hooked: Path, git: Git, tmp_path: Path) -> Path:
    """The repository with a pipeline that ran on main, and otherwise on `side`."""
    (hooked / "dvc.yaml").write_text(PIPELINE)
    (hooked / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'store'}\n"
    )
    for branch, text in (("main", '{"lr": 1}\n'), ("side", '{"lr": 2}\n')):
        git("checkout", "--quiet", "-B", branch)
        (hooked / "params.yaml").write_text(text)
        subprocess.run(["dvc", "repro", "--quiet"], check=True, capture_output=True)
        git("add", "--all")
        ended = git("commit", "--quiet", "-m", branch)
        assert (ended.returncode, ended.stderr) == (0, "")
    return hooked


def test_what_git_holds_follows_git_and_the_rest_follows_the_lock(trained: Path, git: Git) -> None:
    for branch, text in (("main", '{"lr": 1}\n'), ("side", '{"lr": 2}\n')):
        assert git("checkout", "--quiet", branch).stderr == ""

        for name in ("model.bin", "scores.json", "curves/a.csv"):
            assert (trained / name).read_text() == text


def test_metrics_that_only_the_pipeline_names_are_checked(trained: Path, git: Git) -> None:
    (trained / "scores.json").write_text("{")

    ended = git("commit", "--all", "-m", "broken")

    assert (ended.returncode, "'scores.json' is not valid JSON" in ended.stderr) == (1, True)


def test_what_git_holds_is_never_taken_away(trained: Path, git: Git) -> None:
    shutil.copyfile(trained / "scores.json", trained / "copy.bin")
    subprocess.run(["dvc", "add", "--quiet", "copy.bin"], check=True)  # so that the cache has it
    git("rm", "--quiet", "--cached", "dvc.lock")
    git("commit", "--quiet", "-m", "no lock")
    (trained / "dvc.lock").unlink()

    git("checkout", "--quiet", "--detach", "main")
    git("checkout", "--quiet", "side")

    assert (trained / "scores.json").exists()
    assert (trained / "curves/a.csv").exists()


def test_what_git_holds_is_not_asked_of_the_remote(trained: Path, git: Git, tmp_path: Path) -> None:
    git("init", "--quiet", "--bare", str(tmp_path / "hub"))
    git("remote", "add", "origin", str(tmp_path / "hub"))

    ended = git("push", "--quiet", "origin", "side")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 2 files of data\n")
    assert trained.exists()
