"""Models in folders that git ignores: their pointers are in the run, and not in the work tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.execution.workshop import Runs, Sh
from tests.workshop import Git, Gitexp

MAKES = "mkdir -p out/1; echo {0} > out/1/m.pt; echo {0} > seen.pt"


def test_a_pointer_is_not_written_where_git_and_dvc_see_none(
    work_tree: Path, sh: Sh, runs: Runs, gitexp: Gitexp, git: Git
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: ['*.pt']\n")
    (work_tree / ".gitignore").write_text("out/\n")

    told = [sh(MAKES.format(name), "-n", name).err for name in ("one", "two")]
    git("add", ".")
    checkout = [sys.executable, "-m", "dvc", "checkout"]
    subprocess.run(checkout, cwd=work_tree, check=True, capture_output=True)

    note = (
        "note: the run has the pointer of 'out/1/m.pt'; none is written here, because git ignores"
    )
    assert all(note in one for one in told)
    assert [path.name for path in (work_tree / "out/1").iterdir()] == ["m.pt"]
    assert (work_tree / "seen.pt.dvc").exists()
    for run in runs():
        assert [one.path for one in run.record.pointers] == ["out/1/m.pt", "seen.pt"]
        assert "out/1/m.pt.dvc" in run.entries
    assert gitexp("get", "one", "out/1/m.pt", "-o", "-").out == "one\n"
    assert gitexp("apply", "one", "--force").code == 0
    assert (work_tree / "out/1/m.pt").read_text() == "one\n"


def test_a_pointer_that_git_tracks_all_the_same_is_kept_up_to_date(
    work_tree: Path, sh: Sh, git: Git
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: ['*.pt']\n")
    sh(MAKES.format("one"))
    git("add", ".")
    git("commit", "-qm", "model")
    (work_tree / ".gitignore").write_text("out/\nseen.pt\n")
    before = (work_tree / "out/1/m.pt.dvc").read_bytes()

    told = sh(MAKES.format("two")).err

    assert "none is written here" not in told
    assert (work_tree / "out/1/m.pt.dvc").read_bytes() != before
