"""A repository with gitexp's hooks, in which git itself makes the commits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitexp.drivers.registration import register
from gitexp.git.repository import Repository
from gitexp.hooks.install import install_hooks
from gitexp.hooks.names import HOOKS
from gitexp.project import Project

from tests.hooks.workshop import CopyOf, Once, RunThere, Track
from tests.workshop import Git, Gitexp, sealed, write

FILES: Mapping[str, str] = {
    "gitexp.yaml": "policy:\n  accuracy: {goal: max}\n",
    "params.yaml": "lr: 0.1\nseed: 1\n",
    "metrics.json": '{"accuracy": 0.9, "loss": 0.3}\n',
    "train.py": "print(1)\n",
    ".gitignore": "/data.csv\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}


@pytest.fixture(scope="session")
def run_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], RunThere]:
    """Have programs run in a repository outside of any test, where `_sealed` does not hold."""
    env = sealed(tmp_path_factory.mktemp("home"))

    def run_in(place: Path) -> RunThere:
        def run(*words: str | Path) -> None:
            subprocess.run(words, cwd=place, check=True, env=env, capture_output=True)

        return run

    return run_in


@pytest.fixture(scope="session")
def template(run_in: Callable[[Path], RunThere], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit, and a second one with all hooks; made once, to be copied."""
    place = tmp_path_factory.mktemp("template")
    run = run_in(place)
    run("git", "init", "--quiet")
    shutil.rmtree(place / ".git/hooks")
    write(place, FILES)
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "-m", "start")
    run("git", "tag", "plain")
    with Project.open(place) as project:
        register(project)
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "-m", "hooks")
    return place


@pytest.fixture(scope="session")
def once(
    template: Path,
    run_in: Callable[[Path], RunThere],
    tmp_path_factory: pytest.TempPathFactory,
) -> Once:
    """Copy the second one, and have programs run there, without hooks."""

    def make(name: str) -> tuple[Path, RunThere]:
        place = tmp_path_factory.mktemp(name) / "work"
        shutil.copytree(template, place, symlinks=True)
        return place, run_in(place)

    return make


@pytest.fixture(scope="session")
def with_data(once: Once) -> Path:
    """The second one with data in one version on main, and in another on `side`; to be copied."""
    place, run = once("with-data")
    for branch, content in (("main", "one\n"), ("side", "two\n")):
        (place / "data.csv").unlink(missing_ok=True)
        (place / "data.csv").write_text(content)
        for words in (
            ("git", "checkout", "--quiet", "-B", branch),
            (sys.executable, "-m", "gitexp", "track", "data.csv"),
            ("git", "add", "--all"),
            ("git", "commit", "--quiet", "-m", f"data {content}"),
        ):
            run(*words)
    return place


@pytest.fixture
def copy_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CopyOf:
    """Copy a repository, with all hooks."""
    return lambda place: _with_hooks(_copy(place, tmp_path, monkeypatch))


@pytest.fixture
def two(with_data: Path, copy_of: CopyOf) -> Path:
    """The repository with all hooks, and data in one version on main and another on `side`."""
    return copy_of(with_data)


@pytest.fixture
def work_tree(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository with one commit and without hooks; the current directory."""
    place = _copy(template, tmp_path, monkeypatch)
    subprocess.run(["git", "reset", "--quiet", "--hard", "plain"], cwd=place, check=True)
    for section in ("diff.gitexp", "merge.gitexp", "merge.gitexp-ancestors"):
        subprocess.run(["git", "config", "--remove-section", section], cwd=place, check=True)
    return place


def _copy(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "work"
    shutil.copytree(template, place, symlinks=True)
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def hooked(template: Path, copy_of: CopyOf) -> Path:
    """The repository with all hooks."""
    return copy_of(template)


def _with_hooks(place: Path) -> Path:
    with Repository.open(place) as repository:
        install_hooks(repository, HOOKS)
    return place


@pytest.fixture
def track(git: Git, gitexp: Gitexp) -> Track:
    """Put a version of `data.csv` behind its pointer and commit that."""

    def put(content: str) -> None:
        Path("data.csv").unlink(missing_ok=True)
        Path("data.csv").write_text(content)
        assert gitexp("track", "data.csv").code == 0
        git("add", "--all")
        git("commit", "--quiet", "-m", f"data {content}")

    return put
