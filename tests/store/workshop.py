"""How the tests of the store put runs on a branch and open them."""

from __future__ import annotations

from typing import Any, Protocol

from gitexp.git.repository import Repository
from gitexp.store.branch import Recorded
from gitexp.store.runs import RunStore


class TreeOf(Protocol):
    """Write a tree of files and return its oid."""

    def __call__(self, repository: Repository, files: dict[str, bytes]) -> str: ...


class RecordRun(Protocol):
    """Put a run on the branch: `record_run(repository, "name", ended="…", project="app")`."""

    def __call__(
        self, repository: Repository, name: str, branch: str = "experiments", **facts: Any
    ) -> Recorded: ...


class OpenStore(Protocol):
    """Open the runs as a command does, each time from scratch."""

    def __call__(self, project: str = "", branch: str = "experiments") -> RunStore: ...
