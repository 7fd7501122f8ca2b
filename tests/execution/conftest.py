"""Commands and whole runs, started here or by a process of its own, and none left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gitexp.data.cache import DataCache
from gitexp.data.dvc_file import dvc_file_bytes
from gitexp.data.dvc_project import initialise
from gitexp.data.ignore import with_ignored
from gitexp.model.record_json import from_json

from tests.execution.workshop import (
    BehindPointer,
    Eventually,
    Kept,
    Leftovers,
    Runs,
    Sh,
    StartGitexp,
    TheRun,
    end_with_family,
)
from tests.workshop import DEADLINE, Git, Gitexp, Outcome

TRAIN = """\
import json
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
Path("metrics.json").write_text(json.dumps({"accuracy": 0.9 + float(values["rate"]) / 2}))
"""
"""No library, so that it takes no longer than Python itself."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Say where the output of a command is kept."""
    return tmp_path / "log"


@pytest.fixture
def eventually() -> Eventually:
    """Wait until something is the case."""

    def wait(claim: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not claim():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.005)

    return wait


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A script and its params, without any setting."""
    return {"train.py": TRAIN, "params.yaml": "rate: 0.1\nseed: 1\n"}


@pytest.fixture
def sh(gitexp: Gitexp) -> Sh:
    """Run a line of shell as an experiment: `sh("echo 1 > out.txt", "-n", "first")`."""

    def run(line: str, *options: str | Path) -> Outcome:
        return gitexp("run", *options, "--", "sh", "-c", line)

    return run


@pytest.fixture
def start_gitexp(tmp_path: Path) -> Iterator[StartGitexp]:
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
        end_with_family(process)


@pytest.fixture
def runs(work_tree: Path) -> Runs:
    """Return the runs on the experiments branch, newest first."""

    def ask(*args: str) -> bytes:
        ended = subprocess.run(["git", *args], cwd=work_tree, capture_output=True, check=False)
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
                work_tree,
            )
            for oid, subject in lines
        ]

    return read


@pytest.fixture
def the_run(runs: Runs) -> TheRun:
    """Return the newest run."""
    return lambda: runs()[0]


@pytest.fixture
def leftovers(work_tree: Path, git: Git) -> Leftovers:
    """Return what is left of runs that are no longer under way: journal, refs, scratch folders."""

    def look() -> list[str]:
        private = work_tree / ".git" / "gitexp"
        paths = [*(private / "journal").glob("*"), *(private / "runs").glob("*")]
        refs = git("for-each-ref", "--format=%(refname)", "refs/gitexp/").split()
        return [*(path.name for path in paths), *refs]

    return look


@pytest.fixture
def behind_pointer(work_tree: Path) -> BehindPointer:
    """Put data behind a pointer, as `dvc add` does: `behind_pointer("data.csv")`."""

    def add(*paths: str) -> None:
        initialise(work_tree)
        with DataCache(work_tree) as cache:
            for path in paths:
                pointer = cache.store(path)
                (work_tree / f"{path}.dvc").write_bytes(dvc_file_bytes(pointer))
                ignore = (work_tree / path).with_name(".gitignore")
                before = ignore.read_bytes() if ignore.exists() else None
                ignore.write_bytes(with_ignored(before, Path(path).name))

    return add
