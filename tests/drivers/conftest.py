"""A repository in which git calls the drivers, set up as `gitexp init` does it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.drivers.registration import register
from gitexp.project import Project

from tests.drivers.workshop import Commit
from tests.workshop import Git, write

POINTER = "outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: model.pt\n"
PARAMS = """\
# how we train
train:
  lr: 0.1   # found by hand
  layers: [64, 32]

seed: 1
"""
FILES: Mapping[str, str] = {
    "params.yaml": PARAMS,
    "metrics.json": '{\n  "accuracy": 0.9,\n  "loss": 0.3\n}\n',
    "model.pt.dvc": POINTER.format(md5="a" * 32, size=1_234_567),
    "train.py": "print(1)\n",
}


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """Params, metrics, a pointer and code."""
    return FILES


@pytest.fixture
def work_tree(work_tree: Path, git: Git) -> Path:
    """The work tree, with the drivers registered in its only commit."""
    with Project.open(work_tree) as project:
        register(project)
    git("add", "--all")
    git("commit", "--quiet", "--amend", "--no-edit")
    return work_tree


@pytest.fixture
def commit(work_tree: Path, git: Git) -> Commit:
    """Commit files on a branch, made at main if it is new."""

    def make(branch: str, **files: str) -> None:
        if git("branch", "--show-current").strip() != branch:  # it may be in a merge
            known = git("branch", "--list", branch)
            git("checkout", "--quiet", *([branch] if known else ["-b", branch, "main"]))
        write(work_tree, {name.replace("__", "."): text for name, text in files.items()})
        git("add", "--all")
        git("commit", "--quiet", "-m", f"on {branch}")

    return make
