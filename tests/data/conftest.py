"""A DVC project in git, and the real DVC to judge what we do to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests.data.workshop import Dvc
from tests.workshop import NewRepository

# One process for several commands: DVC takes half a second to start.
RUN_ALL = """
import contextlib, io, json, subprocess, sys
from dvc.cli import main
outputs = []
for command in json.loads(sys.argv[1]):
    if command[0] == "rm":
        subprocess.run(command, check=True)
        continue
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        status = main(command)
    if status:
        sys.exit(f"dvc {command} exited with {status}: {stdout.getvalue()}")
    outputs.append(stdout.getvalue())
print(json.dumps(outputs))
"""


@pytest.fixture
def dvc() -> Dvc:
    """Run DVC commands (and `rm`) one after another and return what each of DVC's prints."""

    def run(folder: Path, *commands: list[str]) -> list[str]:
        ended = subprocess.run(
            [sys.executable, "-c", RUN_ALL, json.dumps(commands)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        outputs: list[str] = json.loads(ended.stdout.splitlines()[-1])
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
