"""Commands and whole runs, started here or by a process of its own, and none left behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from gitexp.cli.main import main
from gitexp.data.cache import DataCache
from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.dvc_project import initialise
from gitexp.data.ignore import with_ignored
from gitexp.model.record import RunRecord
from gitexp.model.record_json import from_json

DEADLINE = 30.0

TRAIN = """\
import json
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
Path("metrics.json").write_text(json.dumps({"accuracy": 0.9 + float(values["rate"]) / 2}))
"""
"""No library, so that it takes no longer than Python itself."""


class Outcome(NamedTuple):
    """How a call of `gitexp` ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Kept:
    """A run as git holds it, read with git alone."""

    oid: str
    record: RunRecord
    subject: str
    entries: Mapping[str, tuple[str, str]]
    """Mode and oid by path."""
    top: Path

    def blob(self, path: str) -> bytes:
        """Return the content of a file of the run's tree."""
        command = ["git", "cat-file", "blob", self.entries[path][1]]
        return subprocess.run(command, cwd=self.top, capture_output=True, check=True).stdout

    def text(self, path: str) -> str:
        """Return the text of a file of the run's tree."""
        return self.blob(path).decode()

    def files(self) -> dict[str, str]:
        """Return mode and content of everything but the record itself, in one string a path."""
        return {
            path: f"{mode} {self.blob(path).decode('utf-8', 'surrogateescape')}"
            for path, (mode, _) in self.entries.items()
            if not path.startswith(".gitexp/")
        }


Git = Callable[..., str]
Gitexp = Callable[..., Outcome]
Runs = Callable[[], list[Kept]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Say where the output of a command is kept."""
    return tmp_path / "log"


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something is the case."""

    def wait(claim: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not claim():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.005)

    return wait


@pytest.fixture
def git() -> Git:
    """Run git in the current directory, or in `cwd`, and return what it prints."""

    def run(*args: str | Path, cwd: Path | None = None) -> str:
        ended = subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return os.fsdecode(ended.stdout)

    return run


@pytest.fixture
def project_dir(tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a script and its params, committed; the current directory.

    `python` is the interpreter of the tests.
    """
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    top = tmp_path / "project"
    git("init", "--quiet", top)
    (top / "train.py").write_text(TRAIN)
    (top / "params.yaml").write_text("rate: 0.1\nseed: 1\n")
    git("add", "--all", cwd=top)
    git("commit", "--quiet", "-m", "start", cwd=top)
    monkeypatch.chdir(top)
    return top


@pytest.fixture
def gitexp(project_dir: Path, capfd: pytest.CaptureFixture[str]) -> Gitexp:
    """Run `gitexp ARGS...` in process and in the current directory, which is the project's."""
    assert project_dir == Path.cwd()

    def run(*argv: str | Path) -> Outcome:
        capfd.readouterr()
        code = main([str(arg) for arg in argv])
        sys.stdout.flush()
        return Outcome(int(code), *capfd.readouterr())

    return run


@pytest.fixture
def sh(gitexp: Gitexp) -> Gitexp:
    """Run a line of shell as an experiment: `sh("echo 1 > out.txt", "-n", "first")`."""

    def run(line: str, *options: str) -> Outcome:
        return gitexp("run", *options, "--", "sh", "-c", line)

    return run


@pytest.fixture
def start_gitexp(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start `gitexp ARGS...` as a process, with its output in files, and none left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*argv: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gitexp", *map(str, argv)]
        with (tmp_path / f"gitexp-{len(started)}.err").open("wb") as err:
            options = {"stdin": subprocess.DEVNULL, "stdout": err, "stderr": err, **options}
            started.append(subprocess.Popen(command, **options))
        return started[-1]

    yield begin
    for process in started:
        with process, contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()


@pytest.fixture
def runs(project_dir: Path) -> Runs:
    """Return the runs on the experiments branch, newest first."""

    def ask(*args: str) -> bytes:
        ended = subprocess.run(["git", *args], cwd=project_dir, capture_output=True, check=False)
        return ended.stdout if ended.returncode == 0 else b""

    def entries(oid: str) -> dict[str, tuple[str, str]]:
        lines = ask("ls-tree", "-r", "-z", "--full-tree", oid).split(b"\0")[:-1]
        pairs = (line.partition(b"\t") for line in lines)
        return {
            os.fsdecode(path): (head.split()[0].decode(), head.split()[2].decode())
            for head, _, path in pairs
        }

    def read() -> list[Kept]:
        listed = ask("log", "--format=%H %s", "refs/heads/experiments", "--").decode()
        lines = [line.split(" ", 1) for line in listed.splitlines()][:-1]  # the branch's root
        return [
            Kept(
                oid,
                from_json(ask("cat-file", "blob", f"{oid}:.gitexp/run.json")),
                subject,
                entries(oid),
                project_dir,
            )
            for oid, subject in lines
        ]

    return read


@pytest.fixture
def the_run(runs: Runs) -> Callable[[], Kept]:
    """Return the newest run."""
    return lambda: runs()[0]


@pytest.fixture
def leftovers(project_dir: Path, git: Git) -> Callable[[], list[str]]:
    """Return what is left of runs that are no longer under way: journal, refs, scratch folders."""

    def look() -> list[str]:
        private = project_dir / ".git" / "gitexp"
        paths = [*(private / "journal").glob("*"), *(private / "runs").glob("*")]
        refs = git("for-each-ref", "--format=%(refname)", "refs/gitexp/").split()
        return [*(path.name for path in paths), *refs]

    return look


@pytest.fixture
def behind_pointer(project_dir: Path) -> Callable[..., None]:
    """Put data behind a pointer, as `dvc add` does: `behind_pointer("data.csv")`."""

    def add(*paths: str) -> None:
        initialise(project_dir)
        with DataCache(project_dir) as cache:
            for path in paths:
                pointer = cache.store(path)
                (project_dir / f"{path}.dvc").write_bytes(dvc_file_bytes(pointer))
                ignore = (project_dir / path).with_name(".gitignore")
                before = ignore.read_bytes() if ignore.exists() else None
                ignore.write_bytes(with_ignored(before, Path(path).name))

    return add
