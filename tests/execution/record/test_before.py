"""What the change in brackets is measured from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitexp.execution.record.before import metrics_before
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.sweep_point import SweepPoint
from gitexp.project import Project
from gitexp.revisions.roles import Declared

from tests.store.conftest import record_run, tree_of
from tests.store.workshop import RecordRun
from tests.workshop import Git

__all__ = ["record_run", "tree_of"]

TRAIN = ("python", "train.py")


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"a.txt": ""}


def _before(head: str, **facts: Any) -> tuple[dict[str, Any], str]:
    record = RunRecord(
        **{
            "id": "new0000000",
            "name": "new",
            "status": "done",
            "exit": Exit(0),
            "command": TRAIN,
            "baseline": head,
            "inputs": Inputs("c" * 40),
            "started": "",
            "ended": "",
            **facts,
        }
    )
    with Project.open(Path()) as project:
        found = metrics_before(project, record, Declared(project, project.pipeline))
    return dict(found.metrics.get("m.json", {})), found.name


@pytest.mark.usefixtures("work_tree")
def test_a_change_is_measured_from_the_last_run_that_it_can_be_one_of(
    git: Git, record_run: RecordRun
) -> None:
    head = git("rev-parse", "HEAD").strip()

    def params(lr: float, seed: int) -> dict[str, Any]:
        return {"params.yaml": {"lr": lr, "seed": seed}}

    known: list[dict[str, Any]] = [
        {"params": params(0.1, 1)},
        {"command": (*TRAIN, "--depth", "3"), "params": params(2, 1)},
        {"sweep": "s1", "point": SweepPoint(0), "params": params(0.5, 1)},
        {"command": ("python", "eval.py")},
        {"status": "failed", "exit": Exit(1)},
        {"baseline": "d" * 40},
        {"command": ("sh", "-c", "echo 1")},
    ]
    with Project.open(Path()) as project:
        for a, facts in enumerate(known):
            told = {"baseline": head, "metrics": {"m.json": {"a": a}}, **facts}
            record_run(project.repository, f"r{a}", **told)

    assert _before(head, params=params(0.3, 1)) == ({"a": 1}, "r1")
    assert _before(head, params=params(2, 7)) == ({"a": 0}, "r0")
    assert _before(head, params=params(2.0, 7)) == ({"a": 1}, "r1")
    assert _before(head, params=params(2, 1)) == ({"a": 1}, "r1")
    assert _before(head, command=("sh", "-c", "echo 2")) == ({"a": 6}, "")  # the one just before
    assert _before(head, command=("python", "eval.py", "--n", "5")) == ({"a": 3}, "r3")
    assert _before(head, command=("python", "other.py")) == ({}, "")
    assert _before("e" * 40) == ({}, "")
