"""Stores that other tools wrote, and what these tools say is in them; see `stores/`."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitexp.importing.foreign import foreign_id
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.values import same
from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.series.series import Series

STORES = Path(__file__).parent / "stores"
COMMIT = "1" * 40
"""What the stores have as the commit of a run."""
_STATUS = {"FINISHED": "done", "FAILED": "failed", "KILLED": "interrupted"}
_INFINITE = 1.7976931348623157e308
"""What MLflow's database gives back for an infinity."""


def said(name: str) -> Any:
    """Return what a tool says is in its store."""
    return json.loads((STORES / name).read_text())


def database(place: Path, name: str, commit: str = COMMIT) -> Path:
    """Make a database of MLflow's as MLflow wrote it."""
    change(place, (STORES / name).read_text().replace(COMMIT, commit))
    return place


def change(place: Path, script: str) -> None:
    """Carry out some SQL on a database."""
    with contextlib.closing(sqlite3.connect(place)) as made:
        made.executescript(script)


def folder(place: Path, name: str) -> Path:
    """Make a folder of MLflow's as MLflow wrote it."""
    for path, text in said(name).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    return place


def records_of(project: Project) -> dict[str, RunRecord]:
    """Return all runs by id."""
    project.runs.refresh()
    return {run.id: run.record for run in project.runs.newest()}


def check_mlflow(project: Project, runs: list[Mapping[str, Any]]) -> None:
    """Hold all imported runs against what MLflow's client says, value by value."""
    ended = {foreign_id("mlflow", run["id"]): run for run in runs if run["ended"] is not None}
    records = records_of(project)
    assert set(records) == set(ended)
    for run_id, run in ended.items():
        record = records[run_id]
        assert record.status == _STATUS[run["status"]]
        assert milliseconds(record.started) == run["started"]
        assert milliseconds(record.ended) == run["ended"]
        assert _texts(record.params.get("mlflow", {})) == run["params"]
        metrics = {key: _number(value) for key, value in run["metrics"].items()}
        assert same(record.metrics.get("mlflow", {}), metrics)
        _check_curves(project, run_id, run)
        tags = {key: one for key, one in run["tags"].items() if not key.startswith("mlflow.")}
        assert record.extra["imported"].get("tags", {}) == tags
        assert record.extra["imported"]["run"] == run["id"]
        parent = run["tags"].get("mlflow.parentRunId")
        assert record.extra["imported"].get("parent") == (
            foreign_id("mlflow", parent) if parent else None
        )


def _check_curves(project: Project, run_id: str, run: Mapping[str, Any]) -> None:
    [stored] = [one for one in project.runs.newest() if one.id == run_id]
    curves = series_of_run(project, stored)
    history = {key: sorted(points) for key, points in run["history"].items()}
    longer = {key for key, points in history.items() if len(points) > 1 or points[0][0]}
    assert set(curves) == longer
    for key in longer:
        steps = [step for step, _, _ in history[key]]
        counted = steps if len(set(steps)) == len(steps) else [*range(len(steps))]
        assert curves[key].steps == counted
        values = [_number(value) for _, _, value in history[key]]
        assert same(curves[key].values, values)


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


def _number(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) == _INFINITE else value


def milliseconds(text: str) -> int:
    """Return a moment of a record as MLflow has it."""
    return round(parse_time(text).timestamp() * 1000)


def check_wandb(project: Project, told: Mapping[str, Any]) -> None:
    """Hold the imported runs against what was logged, value by value."""
    records = records_of(project)
    ids = {name: foreign_id("wandb", f"digits/{told[name]['id']}") for name in _WANDB}
    assert set(records) == {*ids.values()}
    first = records[ids["first"]]
    assert (first.status, first.message) == ("done", "A note.\nSecond line")
    assert first.tags == ("base", "two-words")
    assert first.params == {"wandb": told["first"]["config"]}
    steps = told["first"]["steps"]
    last = {"loss": 0.2, "val": {"acc": 0.8}, "odd": 4, "best": 0.875, "sparse": 3}
    assert same(first.metrics["wandb"], last)
    assert first.command[-4:] == ("--lr", "0.1", "--tag", "a b")
    said_of = first.extra["imported"]
    assert (said_of["name"], said_of["group"]) == ("first run", "digits")
    assert said_of["tags"] == {"two words": "", "group": "folds", "job_type": "train"}
    [weights] = [one for one in said_of["artifacts"] if one.get("kind") == "model"]
    assert weights["hash"] == "md5:900150983cd24fb0d6963f7d28e17f72"
    curves = _curves(project, ids["first"])
    assert {key: one.steps for key, one in curves.items()} == {
        **{key: [0, 1, 2, 3, 4] for key in ("loss", "odd", "val.acc")},
        "sparse": [20],
    }
    for key, logged in (("loss", "loss"), ("odd", "odd")):
        assert same(curves[key].values, [float(step[logged]) for step in steps])
    assert curves["val.acc"].values == [step["val"]["acc"] for step in steps]
    failed, again = records[ids["failed"]], records[ids["resumed"]]
    assert (failed.status, failed.exit.code) == ("failed", 3)
    assert (again.status, again.metrics) == ("done", {"wandb": {"loss": 4}})
    resumed = _curves(project, ids["resumed"])["loss"]
    assert (resumed.steps, resumed.values) == ([1, 2], [5.0, 4.0])


_WANDB = ("first", "failed", "resumed")


def _curves(project: Project, run_id: str) -> Mapping[str, Series]:
    [stored] = [one for one in project.runs.newest() if one.id == run_id]
    return series_of_run(project, stored)
