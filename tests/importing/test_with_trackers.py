"""Imports held against stores that the newest MLflow and W&B write here and now.

`pytest -m frameworks` installs them; what is tested without them is `stores/`, which they wrote.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.project import Project

from tests.frameworks.kinds import PACKAGES
from tests.frameworks.workshop import environment
from tests.importing.stored import STORES, check_mlflow, check_wandb
from tests.workshop import Git, Gitexp

pytestmark = pytest.mark.frameworks


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def written(place: Path, program: str, *args: str) -> None:
    python = environment("trackers", PACKAGES["trackers"]) / "python"
    subprocess.run([python, STORES / program, *args], cwd=place, check=True)


@pytest.mark.parametrize("store", ["sqlite:///{}/mlflow.db", "file://{}/mlruns"])
def test_a_store_of_the_newest_mlflow(
    gitexp: Gitexp, project: Project, git: Git, tmp_path: Path, store: str
) -> None:
    place, head = store.format(tmp_path), git("rev-parse", "HEAD").strip()
    written(tmp_path, "make_mlflow.py", place, head, "said.json")

    ended = gitexp("import", "mlflow", place)

    assert ended.out.startswith("imported 4 runs of MLflow")
    check_mlflow(project, json.loads((tmp_path / "said.json").read_text()))
    assert git("fsck", "--full", "--strict", "--no-dangling") == ""


def test_a_folder_of_the_newest_wandb(gitexp: Gitexp, project: Project, tmp_path: Path) -> None:
    written(tmp_path, "make_wandb.py", "said.json", "--lr", "0.1", "--tag", "a b")

    ended = gitexp("import", "wandb", tmp_path)

    assert ended.out == "imported 3 runs of W&B\n"
    check_wandb(project, json.loads((tmp_path / "said.json").read_text()))
