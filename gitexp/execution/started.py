"""A run whose project is kept and whose command can start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from gitexp.execution.prepare import Plan
from gitexp.execution.work_tree.ignored import Ignored
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.execution.work_tree.watched import WatchedPointer
from gitexp.model.record import Documents
from gitexp.project import Project
from gitexp.revisions.roles import Declared


class Started(Struct, frozen=True):
    """What was found before a command starts, kept so that nothing later can change it."""

    project: Project
    plan: Plan
    snapshot: Snapshot
    commit: str
    """The snapshot's commit, under `refs/gitexp/running/`; empty where no command will run."""
    declared: Declared
    params: Documents
    """As they were at the start."""
    watched: tuple[WatchedPointer, ...]
    """Data behind pointers."""
    ignored: Ignored
    environment: Mapping[str, str]
    """The variables that the command sees."""
    scratch: Path
    tell: Callable[[str], None]
    """Takes notes and warnings as they come up."""

    @property
    def log(self) -> Path:
        """The whole output of the command."""
        return self.scratch / "output.log"

    @property
    def since(self) -> int:
        """When all this was written down, in ns: just before the command started."""
        return (self.scratch / "started.json").stat().st_mtime_ns
