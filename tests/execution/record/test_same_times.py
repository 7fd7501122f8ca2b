"""Files that are other than before, though their inode, size and modification time are the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.execution.workshop import BehindPointer, Runs, Sh
from tests.workshop import Gitexp, commit_all

PUT_BACK = "touch -d @1000000000"


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
