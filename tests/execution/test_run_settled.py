"""Folders of earlier runs that are not looked into again: nothing is seen less for that.

Each case is run in a work tree whose folders are settled, and in a copy in which none is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gitexp.execution.start.settling import recalled
from gitexp.project import Project

from tests.execution.workshop import Kept, Runs, Sh

TRAIN = """\
mkdir -p runs/{0}/ckpt; echo {0} > runs/{0}/hparams.yaml; echo {0} > runs/{0}/ckpt/model.pt
echo '{{"loss": 0.{0}}}' > runs/{0}/metrics.json
"""
CLOCK = 0.12
"""Seconds after which a change has another time, whatever the kernel's clock."""

Prepare = Callable[[Path], object]


def settled_in(work_tree: Path) -> list[str]:
    """Return the folders that the next run does not look into."""
    with Project.open(work_tree) as project:
        return sorted(one.folder for one in recalled(project, ()))


@pytest.fixture
def settled(work_tree: Path, sh: Sh) -> Path:
    """Make three folders that are settled."""
    for number in (1, 2, 3):
        sh(TRAIN.format(number))
    now = clock(work_tree)
    while clock(work_tree) < now + CLOCK:
        time.sleep(CLOCK / 10)
    sh("true")
    return work_tree


def clock(work_tree: Path) -> float:
    """Return the time as files get it, which may stand still while ours goes on."""
    probe = work_tree.with_name("probe")
    probe.touch()
    return probe.stat().st_mtime


def told(run: Kept) -> dict[str, Any]:
    """Return what a run holds and says of its files."""
    record = run.record
    return {
        "files": {path: one for path, one in run.files().items() if path != ".gitexp"},
        "outputs": record.outputs,
        "overwritten": record.overwritten,
        "read": set(record.read),
        "pointers": {(one.path, one.md5, one.role) for one in record.pointers},
        "left out": record.left_out,
        "changed": record.changed_meanwhile,
        "inputs": record.inputs.oid,
        "metrics": record.metrics,
    }


def as_it_is(_: Path) -> None:
    """Leave everything as runs left it."""


def with_edits(place: Path) -> None:
    """Edit what runs left, and put something beside it."""
    (place / "runs/1/mine.txt").write_text("mine\n")
    (place / "runs/2/hparams.yaml").write_text("edited\n")
    (place / "runs/3/ckpt/model.pt").write_text("other\n")


def with_a_link(place: Path) -> None:
    """Give what runs left a second name, remove some, and have git track a file beside it."""
    (place / "last").symlink_to("runs/1")
    shutil.rmtree(place / "runs/2")
    (place / "runs/keep").mkdir()
    (place / "runs/keep/notes.txt").write_text("notes\n")
    subprocess.run(["git", "add", "-f", "runs/keep"], cwd=place, check=True)


OVER = """\
r=runs; echo 9 > $r/1/hparams.yaml; echo 9 > $r/2/ckpt/model.pt; rm -r $r/3/ckpt
mkdir $r/2/x; echo 9 > $r/2/x/y.txt; echo 9 > $r/more.txt; mv $r/1 $r/moved
"""
CASES: Mapping[str, tuple[Prepare, str]] = {
    "beside": (as_it_is, f"{TRAIN.format(4)}; ls runs"),
    "written over, added to, removed": (as_it_is, OVER),
    "read and named": (
        as_it_is,
        "r=runs; cat $r/1/hparams.yaml $r/2/ckpt/model.pt; ls runs/3/ckpt/model.pt",
    ),
    "edited, and read": (with_edits, "r=runs; cat $r/2/* $r/3/ckpt/model.pt"),
    "edited, and written": (with_edits, "r=runs; for f in $r/*/*.* $r/3/*/*; do echo 9 > $f; done"),
    "linked": (
        with_a_link,
        f"echo 9 > last/hparams.yaml; echo 9 > runs/keep/new.txt; {TRAIN.format(2)}",
    ),
}
"""The paths of what is touched are not named, since what is named is looked at anyway."""
NEEDS_LINUX = {name for name in CASES if "read" in name}


@pytest.mark.parametrize("name", CASES)
def test_a_run_beside_settled_folders_holds_what_it_holds_beside_others(
    settled: Path, sh: Sh, runs: Runs, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name in NEEDS_LINUX and sys.platform != "linux":
        pytest.skip("only Linux tells what is opened")
    prepare, line = CASES[name]
    assert settled_in(settled) == ["runs/1", "runs/2", "runs/3"]
    copy = settled.with_name("copy")
    shutil.copytree(settled, copy, symlinks=True)  # other files to the system: nothing is believed

    prepare(settled)
    sh(line)
    beside_settled = told(runs()[0])
    monkeypatch.chdir(copy.parent)
    settled.rename(settled.with_name("first"))
    copy.rename(settled)
    monkeypatch.chdir(settled)
    prepare(settled)
    sh(line)

    assert told(runs()[0]) == beside_settled
