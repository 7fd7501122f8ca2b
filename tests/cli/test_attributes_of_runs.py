"""Files of a run are written by the attributes of the run, not by those of the work tree."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workshop import Git, Gitexp


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project in which nothing is filtered."""
    return {"readme": "start\n", "gitexp.yaml": "outputs: [out.dat]\n"}


@pytest.fixture
def filtered(work_tree: Path, git: Git, gitexp: Gitexp) -> Path:
    """A run on a branch with a filter that, as LFS does, has git hold something else."""
    git("config", "filter.store.clean", "tr a-z n-za-m")
    git("config", "filter.store.smudge", "tr a-z n-za-m")
    git("checkout", "-q", "-b", "large")
    (work_tree / ".gitattributes").write_text("*.dat filter=store\n")
    git("add", "-A")
    git("commit", "-qm", "large files")
    assert gitexp("run", "-n", "one", "--", "sh", "-c", "echo weights > out.dat").code == 0
    assert git("show", "experiments:out.dat") == "jrvtugf\n"
    (work_tree / "out.dat").unlink()
    git("checkout", "-q", "main")
    return work_tree


def test_get_and_apply_write_what_the_run_wrote(filtered: Path, gitexp: Gitexp) -> None:
    assert gitexp("get", "one", "out.dat", "-o", "got.dat").code == 0
    assert (filtered / "got.dat").read_text() == "weights\n"
    assert gitexp("get", "one", "out.dat", "-o", "-").out == "weights\n"

    assert gitexp("apply", "one", "--no-code").code == 0
    assert (filtered / "out.dat").read_text() == "weights\n"
    assert not (filtered / ".gitattributes").exists()
    (filtered / "out.dat").unlink()

    assert gitexp("apply", "one").code == 0
    assert (filtered / "out.dat").read_text() == "weights\n"
    assert (filtered / ".gitattributes").exists()
