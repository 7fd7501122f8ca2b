"""Files that are other than before, though their inode, size and modification time are the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.execution.workshop import BehindPointer, Runs, Sh
from tests.workshop import Git, Gitexp, commit_all

PUT_BACK = "touch -d @1000000000"
IN_PLACE = """\
import mmap, os, sys
for name in ("ckpt/weights", "ckpt/optimizer"):
    os.makedirs("ckpt", exist_ok=True)
    if not os.path.exists(name):
        open(name, "w").write("0 " + name)
    with open(name, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[:1] = sys.argv[1].encode()
    os.utime(name, (1e9, 1e9))
os.utime("ckpt", (1e9, 1e9))
"""
"""Writes through memory, as arrays that are mapped do, and puts all times back."""


def md5(text: str) -> str:
    """Return the hash that DVC names a content by."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.usefixtures("work_tree")
def test_a_model_with_the_time_of_the_one_before_is_stored(sh: Sh, gitexp: Gitexp) -> None:
    for number in (1, 2):
        line = f"echo {number} > model.pt; {PUT_BACK} model.pt"
        assert sh(line, "-n", f"run-{number}").code == 0

    for number in (1, 2):
        gitexp("get", f"run-{number}", "model.pt", "-o", f"got-{number}")
        assert Path(f"got-{number}").read_text() == f"{number}\n"


@pytest.mark.parametrize("tracked", [True, False])
def test_metrics_with_the_time_of_those_before_are_read_and_recorded(
    work_tree: Path, sh: Sh, runs: Runs, tracked: bool
) -> None:
    if tracked:
        (work_tree / "metrics.json").write_text('{"loss": 0}\n')
        os.utime(work_tree / "metrics.json", (1e9, 1e9))
        commit_all(work_tree)
    for number in (1, 2):
        sh(f"echo '{{\"loss\": {number}}}' > metrics.json; {PUT_BACK} metrics.json")

    second, first = runs()
    assert [first.record.metrics, second.record.metrics] == [
        {"metrics.json": {"loss": 1}},
        {"metrics.json": {"loss": 2}},
    ]
    assert [one.text("metrics.json") for one in (first, second)] == [
        '{"loss": 1}\n',
        '{"loss": 2}\n',
    ]


def test_data_with_its_time_put_back_is_read_as_what_it_is(
    work_tree: Path, sh: Sh, runs: Runs, behind_pointer: BehindPointer
) -> None:
    (work_tree / "data.csv").write_text("old\n")
    behind_pointer("data.csv")
    commit_all(work_tree)
    found = (work_tree / "data.csv").stat()
    (work_tree / "data.csv").write_text("new\n")
    os.utime(work_tree / "data.csv", ns=(found.st_atime_ns, found.st_mtime_ns))

    sh("cat data.csv > seen.txt")

    (pointer,) = runs()[0].record.pointers
    assert (pointer.md5, runs()[0].text("seen.txt")) == (md5("new\n"), "new\n")


def test_data_that_a_command_rewrites_with_its_time_is_an_output(
    work_tree: Path, sh: Sh, runs: Runs, behind_pointer: BehindPointer
) -> None:
    (work_tree / "data.csv").write_text("old\n")
    os.utime(work_tree / "data.csv", (1e9, 1e9))
    behind_pointer("data.csv")
    commit_all(work_tree)

    sh(f"echo new > data.csv; {PUT_BACK} data.csv")

    (pointer,) = runs()[0].record.pointers
    assert (pointer.md5, pointer.role) == (md5("new\n"), "output")


def test_a_folder_of_models_that_is_rewritten_in_place_is_stored_anew(
    work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: [ckpt/]\n")
    (work_tree / "train.py").write_text(IN_PLACE)

    for number in (1, 2):
        sh(f"python train.py {number}", "-n", f"run-{number}")

    for number in (1, 2):
        gitexp("get", f"run-{number}", "ckpt", "-o", f"got-{number}")
        assert Path(f"got-{number}/weights").read_text() == f"{number} ckpt/weights"


def test_code_and_params_with_their_times_put_back_are_those_that_ran(
    work_tree: Path, sh: Sh, runs: Runs, git: Git
) -> None:
    """Whoever keeps a repository in a synchronised folder has git ignore the change time."""
    git("config", "core.trustctime", "false")
    files = [work_tree / "train.py", work_tree / "params.yaml"]
    for number in (1, 2):
        files[0].write_text(f"x = {number}\n")
        files[1].write_text(f"rate: {number}\n")
        for file in files:
            os.utime(file, (1e9, 1e9))
        if number == 1:
            commit_all(work_tree)
            os.utime(work_tree / ".git" / "index")
        sh("true")

    second, first = runs()
    assert [first.text("train.py"), second.text("train.py")] == ["x = 1\n", "x = 2\n"]
    assert second.record.params == {"params.yaml": {"rate": 2}}
    assert second.text("params.yaml") == "rate: 2\n"
