"""Where a store is offered to a tracker, and where its own settings stay in force."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.execution.capture.offer import offered
from gitexp.project import Project

BOTH = {"MLFLOW_TRACKING_URI", "WANDB_DIR", "WANDB_MODE"}


@pytest.mark.parametrize(
    ("files", "env", "expected"),
    [
        ({}, {}, BOTH),
        ({"mlflow.db": ""}, {}, BOTH - {"MLFLOW_TRACKING_URI"}),
        ({"mlruns/0/meta.yaml": ""}, {}, BOTH - {"MLFLOW_TRACKING_URI"}),
        ({"mlruns/0/models/m/MLmodel": ""}, {}, BOTH),
        ({}, {"MLFLOW_TRACKING_URI": "http://h"}, BOTH - {"MLFLOW_TRACKING_URI"}),
        ({}, {"MLFLOW_RUN_ID": "1"}, BOTH - {"MLFLOW_TRACKING_URI"}),
        ({}, {"WANDB_MODE": "offline"}, BOTH - {"WANDB_MODE"}),
        ({}, {"WANDB_MODE": "online"}, {"MLFLOW_TRACKING_URI"}),
        ({}, {"WANDB_API_KEY": "k"}, {"MLFLOW_TRACKING_URI"}),
        ({}, {"WANDB_DIR": "/w"}, {"MLFLOW_TRACKING_URI"}),
        ({"wandb/settings": ""}, {}, {"MLFLOW_TRACKING_URI"}),
        ({"lib/log.py": "import wandb\nwandb.login(key=k)\n"}, {}, {"MLFLOW_TRACKING_URI"}),
        ({".netrc": "machine api.wandb.ai\n"}, {}, {"MLFLOW_TRACKING_URI"}),
    ],
)
def test_a_store_is_offered_only_where_nothing_says_where_to_log(
    work_tree: Path, files: Mapping[str, str], env: Mapping[str, str], expected: set[str]
) -> None:
    (work_tree / "gitexp.yaml").write_text("capture: [mlflow, wandb]\n")
    for name, text in files.items():
        (work_tree / name).parent.mkdir(parents=True, exist_ok=True)
        (work_tree / name).write_text(text)

    with Project.open(work_tree) as project:
        found = offered(project, {"HOME": str(work_tree), **env}, "id")

    assert set(found) == expected
    assert all("/.git/gitexp/trackers/id" in found[name] for name in expected - {"WANDB_MODE"})


def test_a_run_inside_another_one_has_stores_of_its_own(work_tree: Path) -> None:
    (work_tree / "gitexp.yaml").write_text("capture: [mlflow, wandb]\n")

    with Project.open(work_tree) as project:
        outer = offered(project, {}, "outer")
        inner = offered(project, outer, "inner")

    assert set(inner) == BOTH
    assert inner["WANDB_DIR"] == outer["WANDB_DIR"].replace("outer", "inner")


def test_nothing_is_offered_that_is_not_asked_for(work_tree: Path) -> None:
    (work_tree / "gitexp.yaml").write_text("capture: tensorboard\n")

    with Project.open(work_tree) as project:
        assert project.config.capture == ("tensorboard",)
        assert offered(project, {}, "id") == {}
