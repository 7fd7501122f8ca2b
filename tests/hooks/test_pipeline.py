"""Hooks in a project with a DVC pipeline, some of whose outputs git holds itself."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.hooks.workshop import CopyOf, Once
from tests.workshop import Git, GitEnded, dvc

STORE = "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n"
PIPELINE = """\
stages:
  train:
    cmd: mkdir -p curves && tee model.bin scores.json curves/a.csv <params.yaml >/dev/null
    deps: [params.yaml]
    outs: [model.bin]
    metrics: [scores.json: {cache: false}]
    plots: [curves: {cache: false}]
"""


@pytest.fixture(scope="session")
def trained_once(once: Once) -> Path:
    """A repository with a pipeline that ran on main, and otherwise on `side`; to be copied."""
    place, run = once("trained")
    (place / "dvc.yaml").write_text(PIPELINE)
    (place / ".dvc/config").write_text(STORE)
    for branch, text in (("main", '{"lr": 1}\n'), ("side", '{"lr": 2}\n')):
        run("git", "checkout", "--quiet", "-B", branch)
        (place / "params.yaml").write_text(text)
        run(sys.executable, "-m", "dvc", "repro", "--quiet")
        run("git", "add", "--all")
        run("git", "commit", "--quiet", "-m", branch)
    return place


@pytest.fixture
def trained(trained_once: Path, copy_of: CopyOf) -> Path:
    return copy_of(trained_once)


@pytest.mark.usefixtures("trained")
def test_what_a_pipeline_made_is_committed_without_a_word(git: Git, git_ended: GitEnded) -> None:
    git("reset", "--soft", "HEAD~2")

    ended = git_ended("commit", "--quiet", "-m", "all of it")

    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_git_holds_follows_git_and_the_rest_follows_the_lock(
    trained: Path, git_ended: GitEnded
) -> None:
    for branch, text in (("main", '{"lr": 1}\n'), ("side", '{"lr": 2}\n')):
        assert git_ended("checkout", "--quiet", branch).stderr == ""

        for name in ("model.bin", "scores.json", "curves/a.csv"):
            assert (trained / name).read_text() == text


def test_metrics_that_only_the_pipeline_names_are_checked(
    trained: Path, git_ended: GitEnded
) -> None:
    (trained / "scores.json").write_text("{")

    ended = git_ended("commit", "--all", "-m", "broken")

    assert (ended.returncode, "'scores.json' is not valid JSON" in ended.stderr) == (1, True)


def test_what_git_holds_is_never_taken_away(trained: Path, git: Git) -> None:
    shutil.copyfile(trained / "scores.json", trained / "copy.bin")
    dvc("add", "--quiet", "copy.bin")  # so that the cache has it
    git("rm", "--quiet", "--cached", "dvc.lock")
    git("commit", "--quiet", "-m", "no lock")
    (trained / "dvc.lock").unlink()

    git("checkout", "--quiet", "--detach", "main")
    git("checkout", "--quiet", "side")

    assert (trained / "scores.json").exists()
    assert (trained / "curves/a.csv").exists()


@pytest.mark.usefixtures("trained")
def test_what_git_holds_is_not_asked_of_the_remote(
    git: Git, git_ended: GitEnded, tmp_path: Path
) -> None:
    git("init", "--quiet", "--bare", tmp_path / "hub")
    git("remote", "add", "origin", tmp_path / "hub")

    ended = git_ended("push", "--quiet", "origin", "side")

    assert (ended.returncode, ended.stderr) == (0, "gitexp: sent 2 files of data\n")
