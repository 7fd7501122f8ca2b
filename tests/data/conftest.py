"""A DVC project in git, and the real DVC to judge what we do to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests import workshop
from tests.data.workshop import Dvc
from tests.workshop import NewRepository


@pytest.fixture
def dvc() -> Dvc:
    """Run DVC commands (and `rm`) one after another and return what each of DVC's prints."""

    def run(folder: Path, *commands: list[str]) -> list[str]:
        outputs = []
        for command in commands:
            if command[0] == "rm":
                subprocess.run(command, cwd=folder, check=True)
            else:
                outputs.append(workshop.dvc(*command, cwd=folder))
        return outputs

    return run


@pytest.fixture
def plain(new_repository: NewRepository) -> Path:
    """A git repository without DVC."""
    return new_repository("plain")


@pytest.fixture
def project(new_repository: NewRepository) -> Path:
    """A git repository with DVC set up by us."""
    root = new_repository("project")
    initialise(root)
    return root
