"""A configured command that is called from another folder than that of its script."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.execution.command.process import CommandNotFound
from gitexp.execution.stages import Request
from gitexp.execution.start.called_from import away_from_script
from gitexp.execution.start.chosen import chosen_command
from gitexp.project import Project

from tests.workshop import Gitexp

THERE = "lies beside gitexp.yaml, and its command runs in this folder: `gitexp -C .. run` runs it"


@pytest.fixture
def sub(work_tree: Path) -> Path:
    """A folder below that of the project, with a script of its own."""
    (work_tree / "sub").mkdir()
    (work_tree / "sub" / "own.py").touch()
    (work_tree / "own.py").touch()
    return work_tree / "sub"


def configured(folder: Path, command: str) -> str | None:
    (folder.parent / "gitexp.yaml").write_text(f"command: {command}\n")
    with Project.open(folder) as project:
        return away_from_script(project, "run")


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("python train.py", "train.py"),
        ("[python, ./train.py]", "./train.py"),
        ("python -O --params=params.yaml train.py", "params.yaml"),
        ("cd .. && python train.py", None),
        ("python own.py", None),
        ("python ../train.py", None),
        ("python -m train", None),
        (f"python {'x' * 5000}.py", None),
    ],
)
def test_a_file_that_the_command_names_and_that_lies_beside_the_settings_is_told(
    sub: Path, command: str, named: str | None
) -> None:
    said = None if named is None else f"'{named}' {THERE} there"

    assert configured(sub, command) == said
    with Project.open(sub.parent) as project:
        assert away_from_script(project, "run") is None


def test_it_is_told_before_anything_starts(sub: Path, gitexp: Gitexp) -> None:
    configured(sub, "python train.py")

    assert gitexp("-C", sub, "run", "--dry-run").err == f"note: 'train.py' {THERE} there\n"
    assert gitexp("-C", sub, "run", "--dry-run", "--", "python", "-V").err == ""

    (sub.parent / "train.sh").touch()
    configured(sub, "./train.sh")
    with Project.open(sub) as project, pytest.raises(CommandNotFound) as absent:
        chosen_command(project, Request())
    assert absent.value.hint == f"'./train.sh' {THERE} there."
