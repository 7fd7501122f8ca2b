"""Two colleagues, one git remote and one bucket: runs and models on their way, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import joblib
import pytest

TRAIN = """\
import json
from pathlib import Path

import joblib

rate = float(Path("params.yaml").read_text().split(": ")[1])
joblib.dump({"rate": rate, "weights": [rate / 2] * 3}, "model.joblib")
Path("metrics.json").write_text(json.dumps({"accuracy": 0.9 + rate / 2}))
"""


def sh(line: str, cwd: Path, *, status: int = 0) -> str:
    """Run a line of shell and return stdout; what went to stderr shows when it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    return ended.stdout if status == 0 else ended.stderr


def listed(place: Path) -> list[Any]:
    runs = json.loads(sh("gitexp ls --json", place))
    return sorted((run["name"], run["id"], run["metrics"]) for run in runs)


@pytest.fixture(params=["file", "ssh"])
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a bare repository, on disk or behind a real sshd."""
    hub = tmp_path / "hub.git"
    sh(f"git init --quiet --bare {hub}", tmp_path)
    if request.param == "file":
        return f"file://{hub}"
    ssh = request.getfixturevalue("ssh")
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh.command)
    return str(ssh.url(hub))


@pytest.fixture
def ada(tmp_path: Path, remote: str, s3: str, bucket: str) -> Path:
    """Ada's clone, with a place for data that everybody knows of."""
    place = tmp_path / "ada"
    sh(f"git init --quiet --initial-branch=main {place}", tmp_path)
    (place / "train.py").write_text(TRAIN)
    (place / "params.yaml").write_text("rate: 0.1\n")
    sh("git add --all && git commit --quiet -m start && gitexp init", place)
    (place / "gitexp.yaml").write_text("command: python train.py\n")
    config = (place / ".dvc" / "config").read_text()
    (place / ".dvc" / "config").write_text(
        config.replace("[core]\n", "[core]\n    remote = store\n")
        + f"['remote \"store\"']\n    url = s3://{bucket}/data\n    endpointurl = {s3}\n"
    )
    sh(f"git add --all && git commit --quiet -m data && git remote add origin {remote}", place)
    sh("git push --quiet origin main", place)
    return place


def test_a_run_and_its_model_reach_a_colleague_and_theirs_come_back(
    ada: Path, remote: str, tmp_path: Path
) -> None:
    sh("gitexp run -S rate=0.2 -n first", ada)
    pushed = sh("gitexp push", ada)
    sh(f"git clone --quiet --branch main {remote} bob", tmp_path)
    bob = tmp_path / "bob"
    pulled = sh("gitexp pull", bob)
    sh("gitexp get first model.joblib -o got.joblib", bob)
    model = joblib.load(bob / "got.joblib")
    (bob / "got.joblib").unlink()
    sh("gitexp apply first", bob)
    status = sh("dvc status", bob)

    assert pushed == "pushed 1 run to origin/experiments; sent 1 file of data\n"
    assert pulled == "1 run came from origin/experiments\n"
    assert model == joblib.load(bob / "model.joblib") == {"rate": 0.2, "weights": [0.1] * 3}
    assert (bob / "params.yaml").read_text() == "rate: 0.2\n"
    assert status == "Data and pipelines are up to date.\n"

    sh("gitexp run -S rate=0.3 -n bobs", bob)
    sh("gitexp run -S rate=0.4 -n adas", ada)
    first = sh("gitexp push", bob)
    second = sh("gitexp push", ada)
    sh("gitexp pull", bob)

    assert first == "pushed 1 run to origin/experiments; sent 1 file of data\n"
    assert second == (
        "pushed 1 run to origin/experiments; sent 1 file of data; "
        "1 run came from origin/experiments\n"
    )
    assert listed(ada) == listed(bob)
    assert [name for name, _, _ in listed(bob)] == ["adas", "bobs", "first"]


@pytest.mark.parametrize("remote", ["file"], indirect=True)
def test_where_the_bucket_is_not_to_be_had_the_runs_travel_alone_if_told_to(
    ada: Path, s3: str, bucket: str
) -> None:
    sh("gitexp run -S rate=0.2 -n first", ada)
    (ada / ".dvc" / "config.local").write_text(
        "['remote \"store\"']\n    url = s3://nobodys-bucket/data\n"
    )

    refused = sh("gitexp push", ada, status=2)
    alone = sh("gitexp push --no-data", ada)
    (ada / ".dvc" / "config.local").unlink()
    later = sh("gitexp push --all-data", ada)
    checked = sh("dvc push", ada)

    assert refused == (
        "error: the DVC remote could not take the data: The specified bucket does not exist\n"
        "hint: See `dvc remote list`, and check whether `dvc push` works. "
        "`gitexp push --no-data` sends the runs alone.\n"
    )
    assert alone == "pushed 1 run to origin/experiments\n"
    assert later == "sent 1 file of data\n"
    assert checked == "Everything is up to date.\n"
    with urllib.request.urlopen(f"{s3}/{bucket}") as answer:
        assert answer.read().count(b"<Key>data/files/md5/") == 1


def test_an_ssh_server_that_is_not_known_is_told_in_its_words_with_a_way_to_find_out(
    tmp_path: Path, ssh: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sh("git init --quiet work", tmp_path)
    work = tmp_path / "work"
    sh(
        f"git commit --quiet --allow-empty -m start && git remote add origin {ssh.url(tmp_path)}",
        work,
    )
    sh("gitexp run -- true", work)
    stranger = ssh.command.replace("ssh ", "ssh -o UserKnownHostsFile=/dev/null ", 1)
    monkeypatch.setenv("GIT_SSH_COMMAND", stranger)  # the first of two options counts

    err = sh("gitexp push", work, status=2)

    lines = err.splitlines()
    assert lines[0] == "error: remote 'origin' failed:"
    assert "  Host key verification failed." in lines
    assert lines[-1] == "hint: Check whether `git fetch` works: it needs the same rights."
