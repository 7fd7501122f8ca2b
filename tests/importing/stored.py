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
