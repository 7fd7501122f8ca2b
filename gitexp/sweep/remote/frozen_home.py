"""The repository of a sweep on the host of a worker, opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.start.standing import Frozen
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.sweep.definition import read_definition
from gitexp.sweep.freeze import read_frozen
from gitexp.sweep.sweep import Sweep


@contextlib.contextmanager
def opened_home(home: Path, sweep_id: str) -> Iterator[tuple[Project, Sweep, Frozen]]:
    """Give the project that runs are made in, what it is a sweep of, and what they begin with."""
    with Project.open(home) as top:
        sweep = read_definition(top, sweep_id)
        frozen = read_frozen(top.repository, sweep_id)
        if sweep is None or frozen is None:
            raise GitexpError(f"what was sent for sweep '{sweep_id}' is not whole")
        project = Project(top.repository, TopPath(sweep.project), frozen.directory)
        yield project, sweep, frozen
