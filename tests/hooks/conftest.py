"""A repository with gitexp's hooks, in which git itself makes the commits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitexp.cli.main import main
from gitexp.drivers.registration import register
from gitexp.git.repository import Repository
from gitexp.hooks.install import install_hooks
from gitexp.hooks.names import HOOKS
from gitexp.project import Project

FILES: Mapping[str, str] = {
    "gitexp.yaml": "policy:\n  accuracy: {goal: max}\n",
    "params.yaml": "lr: 0.1\nseed: 1\n",
    "metrics.json": '{"accuracy": 0.9, "loss": 0.3}\n',
    "train.py": "print(1)\n",
    ".gitignore": "/data.csv\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}

Git = Callable[..., "subprocess.CompletedProcess[str]"]
Gitexp = Callable[..., int]
Track = Callable[[str], None]
Once = Callable[[str], "tuple[Path, Callable[..., None]]"]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit, and a second one with all hooks; made once, to be copied."""
    place = tmp_path_factory.mktemp("template")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    git = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com")

    def run(*words: str) -> None:
        subprocess.run(words, cwd=place, check=True, env=env)

    run("git", "init", "--quiet", "--initial-branch=main")
    shutil.rmtree(place / ".git/hooks")
    for name, content in FILES.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(content)
    run(*git, "add", "--all")
    run(*git, "commit", "--quiet", "-m", "start")
    run(*git, "tag", "plain")
    with Project.open(place) as project:
        register(project)
    run(*git, "add", "--all")
    run(*git, "commit", "--quiet", "-m", "hooks")
    return place


@pytest.fixture(scope="session")
def once(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Copy the second one, and have commands run there, outside of any test and without hooks."""

    def make(name: str) -> tuple[Path, Callable[..., None]]:
        home = tmp_path_factory.mktemp(name)
        place = home / "work"
        shutil.copytree(template, place, symlinks=True)
        env = {
            **os.environ,
            **dict.fromkeys(("HOME", "DVC_SITE_CACHE_DIR"), str(home)),
            **{f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "ada@example.com" for role in ("AUTHOR", "COMMITTER")},
            "DVC_NO_ANALYTICS": "1",
        }

        def run(*words: str) -> None:
            subprocess.run(words, cwd=place, check=True, env=env, capture_output=True)

        return place, run

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
def copy_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Copy a repository, with all hooks."""
    return lambda place: _with_hooks(_copy(place, tmp_path, monkeypatch))


@pytest.fixture
def two(with_data: Path, copy_of: Callable[[Path], Path]) -> Path:
    """The repository with all hooks, and data in one version on main and another on `side`."""
    return copy_of(with_data)


@pytest.fixture
def top(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return place


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, whatever its exit code."""

    def run(
        *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *args],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **(env or {})},
        )

    return run


@pytest.fixture
def gitexp() -> Gitexp:
    """Run `gitexp ARGS...` in the current directory, or in `cwd`, and return its exit code."""

    def run(*args: str, cwd: Path = Path()) -> int:
        return int(main(["-C", str(cwd), *args]))

    return run


@pytest.fixture
def hooked(template: Path, copy_of: Callable[[Path], Path]) -> Path:
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
        assert gitexp("track", "data.csv") == 0
        git("add", "--all")
        assert git("commit", "--quiet", "-m", f"data {content}").returncode == 0

    return put
