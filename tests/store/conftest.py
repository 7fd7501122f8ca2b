"""Runs put on the branch of a repository as `gitexp run` does, without running anything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitexp.git.commits import write_blobs
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry
from gitexp.model.message import message_text
from gitexp.model.names import new_id
from gitexp.model.policy import Policy
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json
from gitexp.store.branch import Recorded
from gitexp.store.pending import append
from gitexp.store.runs import RunStore
from gitexp.store.stored_run import RECORD_NAME

from tests.store.workshop import OpenStore, RecordRun, TreeOf


@pytest.fixture
def tree_of(tmp_path: Path) -> TreeOf:
    """Write a tree of files and return its oid."""

    def write(repository: Repository, files: dict[str, bytes]) -> str:
        scratch = tmp_path / f"scratch-{new_id()}"
        scratch.mkdir()
        oids = write_blobs(repository, list(files.values()), scratch)
        index = PrivateIndex(repository, scratch / "index")
        index.put({path: Entry("100644", oid) for path, oid in zip(files, oids, strict=True)})
        return index.write_tree()

    return write


@pytest.fixture
def record_run(tree_of: TreeOf) -> RecordRun:
    """Put a run on the branch: `record_run(repository, "name", ended="…", project="app")`.

    Unless told otherwise each ends a millisecond after the one before.
    """
    numbers = itertools.count()

    def put(
        repository: Repository, name: str, branch: str = "experiments", **facts: Any
    ) -> Recorded:
        content, done = facts.pop("content", None), facts.pop("done", ())
        values: dict[str, Any] = {
            "id": new_id(),
            "name": name,
            "status": "done",
            "exit": Exit(0),
            "command": ("python", "train.py"),
            "baseline": "b" * 40,
            "inputs": Inputs("c" * 40),
            "started": "2026-01-02T03:04:05.000Z",
            "ended": f"2026-01-02T03:04:06.{next(numbers):03}Z",
            "gitexp": "0.1.0",
            **facts,
        }
        record = RunRecord(**values)
        folder = f"{record.project}/" if record.project else ""
        made = content(record) if content else to_json(record)
        return append(
            repository,
            branch,
            tree=tree_of(repository, {f"{folder}{RECORD_NAME}": made}),
            message=message_text(record, Policy(), {}),
            run_id=record.id,
            done=done,
        )

    return put


@pytest.fixture
def open_store(repository: Repository) -> Iterator[OpenStore]:
    """Open the runs as a command does, each time from scratch."""
    opened: list[RunStore] = []

    def start(project: str = "", branch: str = "experiments") -> RunStore:
        opened.append(RunStore(repository, branch, project))
        return opened[-1]

    yield start
    for store in opened:
        store.close()
