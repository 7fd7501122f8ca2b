"""What is asked before a command starts."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from gitexp.execution.command.process import CommandNotFound
from gitexp.execution.stages import Request
from gitexp.execution.start.prepare import prepare
from gitexp.project import Project


def test_no_git_waits_for_an_error_to_be_forgotten(work_tree: Path) -> None:
    others = set(psutil.Process().children())  # perhaps of tests that were not yet collected

    with Project.open(work_tree) as project, pytest.raises(CommandNotFound) as kept:
        prepare(project, Request(command=("no-such-command",)))

    assert kept.value.__traceback__ is not None
    assert set(psutil.Process().children()) <= others
