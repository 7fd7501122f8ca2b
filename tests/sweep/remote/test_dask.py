"""A sweep on a real Dask cluster: `pytest -m engines`, where `gitexp[dask]` is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.workshop import Git, Gitexp

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("default"),  # of libraries that are not ours
]


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose training takes no longer than a shell."""
    fit = 'read name rate < params.yaml\necho "{\\"loss\\": $rate}" > metrics.json\n'
    return {"fit.sh": fit, "params.yaml": "rate: 0\n"}


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Start a scheduler and two workers, each a process; return where it is."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    alone = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    programs = [
        ("distributed.cli.dask_scheduler", *alone, "--port", "0"),
        *(
            ("distributed.cli.dask_worker", *alone, "--nthreads", "1", "--local-directory", place)
            for place in (str(tmp_path / "a"), str(tmp_path / "b"))
        ),
    ]
    processes = [
        subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL)
        for words in programs
    ]
    try:
        from distributed import Client  # noqa: PLC0415 - it may not be installed

        with Client(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            address = json.loads(file.read_text())["address"]
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


@pytest.mark.usefixtures("work_tree")
def test_a_sweep_on_dask_runs_every_point_once_and_leaves_nothing(
    scheduler: str, gitexp: Gitexp, git: Git, tmp_path: Path
) -> None:
    words = ("rate=1,2,3,4", "-n", "scan", "--engine", f"dask:{scheduler}")
    code, out, err = gitexp("sweep", *words, "--", "sh", "fit.sh")

    assert (code, "scan: 4 of 4 done" in out) == (0, True), err
    subjects = git("log", "--format=%s", "experiments").splitlines()
    assert sorted(one.partition(":")[0] for one in subjects[:-1]) == [
        f"scan-{number}" for number in range(4)
    ]
    assert git("for-each-ref", "refs/gitexp") == ""
    assert git("status", "--porcelain") == ""
    assert list(tmp_path.glob("*/dask-scratch-space/gitexp")) == []
    code, out, _ = gitexp("show", "--json", "scan-2")
    assert json.loads(out)["point"]["engine"] == "dask"


def test_a_scheduler_that_is_not_there_is_told_before_anything_begins(
    work_tree: Path, gitexp: Gitexp
) -> None:
    pytest.importorskip("distributed")
    words = ("rate=1", "--engine", "dask:tcp://127.0.0.1:9", "--", "sh", "fit.sh")
    code, _, err = gitexp("sweep", *words)

    assert code == 2
    assert err.startswith("error: no Dask scheduler answers at 'tcp://127.0.0.1:9': ")
    assert not (work_tree / ".git" / "gitexp" / "sweeps").exists()
