"""What the tests work with: git and gitexp as functions, and small repositories that are real."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

T = TypeVar("T")

EPOCH = "2026-01-02T03:04:05+00:00"
DEADLINE = 180.0
"""Seconds that a test waits before it fails: a bound for a machine with much else to do."""
FOREIGN = ("GIT_", "GITEXP_", "DVC_", "GITHUB_", "GITLAB_", "CI_")

TRAIN = """\
import json
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rate, seed = float(values["rate"]), int(values["seed"])
metrics = {"accuracy": round(0.9 + rate / 2, 6), "loss": round(0.5 - rate, 6)}
Path("metrics.json").write_text(json.dumps(metrics) + "\\n")
print("trained with rate", rate)
"""
"""No library, so that it takes no longer than Python itself."""

PROJECT: Mapping[str, str] = {
    "train.py": TRAIN,
    "params.yaml": "rate: 0.1\nseed: 1\n",
    "gitexp.yaml": (
        "command: python train.py\npolicy:\n  accuracy: {goal: max}\n  loss: {goal: min}\n"
    ),
    ".gitignore": "__pycache__/\n",
}
"""A small project; a run of it writes metrics.json."""

DVC: Mapping[str, str] = {
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}
"""What makes a project one of DVC's."""


class Outcome(NamedTuple):
    """How a call of gitexp ended; equal to a plain tuple of the three."""

    code: int
    out: str
    err: str


class Git(Protocol):
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def __call__(self, *args: str | Path, cwd: Path | None = None) -> str: ...


class GitEnded(Protocol):
    """Run git in the current directory, or in `cwd`, whatever its exit code."""

    def __call__(
        self, *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


class Gitexp(Protocol):
    """Run `gitexp ARGS...` in the current directory, or in `cwd`."""

    def __call__(self, *args: str | Path, cwd: Path | None = None) -> Outcome: ...


class NewRepository(Protocol):
    """Make a repository: `new_repository("name", {"path": "content"})`, committed if it has any."""

    def __call__(self, name: str, files: Mapping[str, str] | None = None) -> Path: ...


def sealed(home: Path) -> dict[str, str]:
    """Make a home; return an environment without the developer's settings, hooks, caches and clock.

    Nor does it tell of CI. `python` is the interpreter of the tests.
    """
    home.mkdir(exist_ok=True)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
        "[gc]\n\tautoDetach = false\n"  # git 2.47 looks after each commit, in the background
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": EPOCH,
        "GIT_COMMITTER_DATE": EPOCH,
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
    }


def git(*args: str | Path, cwd: Path | None = None) -> str:
    """Run git and return what it prints."""
    ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return os.fsdecode(ended.stdout)


def git_ended(
    *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git, whatever its exit code."""
    return subprocess.run(
        ["git", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


@functools.cache
def dvc_server() -> subprocess.Popen[str]:
    """Start the one server of this process; it ends with the tests."""
    server = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("dvc_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # no signal that a test sends is meant for it
    )
    atexit.register(server.communicate)
    return server


def dvc_ended(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `dvc ARGS...` in the current directory, or in `cwd`, whatever its exit code."""
    if dvc_server().poll() is not None:  # somebody has killed it
        dvc_server.cache_clear()
    server = dvc_server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        argv = [*map(str, args)]
        folder = str(cwd or Path.cwd())
        json.dump([argv, folder, {**os.environ}, out.name, err.name], server.stdin)
        server.stdin.write("\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(
            ["dvc", *argv], code, os.fsdecode(out.read()), os.fsdecode(err.read())
        )


def dvc(*args: str | Path, cwd: Path | None = None) -> str:
    """Run DVC and return what it prints."""
    ended = dvc_ended(*args, cwd=cwd)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def write(top: Path, files: Mapping[str, str]) -> None:
    """Write files and the folders that they need."""
    for path, content in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)


def commit_all(top: Path, message: str = "start") -> None:
    """Commit the work tree as it is."""
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "-m", message, cwd=top)


_MADE: dict[tuple[object, ...], dict[str, tuple[int, bytes]]] = {}
"""What git wrote for the repositories made so far, by their files and git's settings."""


def make_repository(top: Path, files: Mapping[str, str]) -> Path:
    """Make a repository with these files in one commit, or with no commit if there are none.

    The first is git's work, and the next with the same files a copy of it: a third of the time.
    """
    settings = sorted(pair for pair in os.environ.items() if pair[0].startswith("GIT_"))
    config = Path(os.environ["HOME"], ".gitconfig").read_bytes()
    key = (*files.items(), *settings, config)
    folder = top / ".git"
    if key not in _MADE or (top.exists() and any(top.iterdir())):
        git("init", "--quiet", top)
        new = {*top.iterdir()} == {folder}
        for sample in folder.glob("hooks/*.sample"):  # half of all the files
            sample.unlink()
        write(top, files)
        if files:
            commit_all(top)
        if new:
            _MADE[key] = copied(folder)
        return top
    for path, (mode, content) in _MADE[key].items():
        if stat.S_ISDIR(mode):
            (folder / path).mkdir(parents=True)
        else:
            (folder / path).write_bytes(content)
            (folder / path).chmod(mode)
    write(top, files)
    if files:
        git("update-index", "-q", "--refresh", cwd=top)  # whose times and numbers are new
    return top


def copied(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Read a folder with all that it holds, folders before what lies in them."""
    found = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        mode = path.lstat().st_mode
        content = b""
        if stat.S_ISREG(mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(mode):
            content = os.fsencode(path.readlink())
        found[path.relative_to(folder).as_posix()] = (mode, content)
    return found


class _Left(NamedTuple):
    """What a repository became."""

    copy: Path
    same_config: bool
    said: Any


_LEFT: dict[tuple[object, ...], _Left] = {}
"""What repositories became, by what was done to them and what they were before."""


def only_once(what: str, top: Path, make: Callable[[], T]) -> T:
    """Call `make`, which changes nothing but the repository at `top`; return what it does.

    If one that was the same has gone through it before, it becomes a copy of what that became:
    to record two runs takes twenty times as long. To be called before there are other clones:
    the runs are as old as the first. DVC hashes the data of a copy anew.
    """
    before, here = copied(top), os.fsencode(top.parent)
    before.pop(".git/index", None)  # it tells copies apart by the times of their files
    _, config = before.pop(".git/config")
    if any(here in content for _, content in before.values()):
        return make()
    key = (what, config.replace(here, b""), *before.items())
    settings = top / ".git" / "config"
    if key not in _LEFT:
        said = make()
        same = settings.read_bytes() == config
        if same or here not in config:
            place = Path(tempfile.mkdtemp())
            atexit.register(shutil.rmtree, place)
            _LEFT[key] = _Left(shutil.copytree(top, place / "left", symlinks=True), same, said)
        return said
    left = _LEFT[key]
    for path in top.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(left.copy, top, symlinks=True, dirs_exist_ok=True)
    if left.same_config:
        settings.write_bytes(config)
    git("update-index", "-q", "--refresh", cwd=top)
    return cast("T", left.said)


def shell(script: str, top: Path) -> str:
    """Run the lines of a script until one fails, and return what they print.

    A history that is the subject of a test is best read as the commands that make it.
    """
    ended = subprocess.run(
        ["sh", "-euc", script], cwd=top, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def has_ended(pid: int) -> bool:
    """Wait until a process has ended."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ready, _, _ = select.select([process], [], [], DEADLINE)
    os.close(process)
    return bool(ready)
