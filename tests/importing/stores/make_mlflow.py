"""Writes runs with MLflow's own client, and what it says of them as JSON: STORE COMMIT SAID.

It runs in an environment with MLflow; the stores beside it were made so in `/tmp/store`.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow  # type: ignore[import-not-found,unused-ignore]
from mlflow import MlflowClient


def write(commit: str) -> None:
    with mlflow.start_run(run_name="first run, ä"):
        params = {"lr": 0.1, "depth": 3, "on": True, "name": "ä b", "none": None, "x.y": 1e-5}
        mlflow.log_params({**params, "layers": [64, 32], "nan": math.nan, "model/size": 2})
        mlflow.log_params({"text": "1_000", "long": "x" * 6000})
        for step in range(0, 50, 10):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metric("val/acc", step / 50, step=step)
        for number in range(4):
            mlflow.log_metric("uncounted", float(number))
        for step, value in enumerate([math.nan, math.inf, -math.inf]):
            mlflow.log_metric("odd", value, step=step)
        mlflow.log_metric("late", math.nan, step=3)
        mlflow.log_metric("accuracy", 0.9375)
        mlflow.set_tags({"team": "vision", "mlflow.note.content": "A note.\nSecond: line"})
        mlflow.set_tag("mlflow.source.git.commit", commit)
        with mlflow.start_run(run_name="child", nested=True):
            mlflow.log_param("lr", 0.2)
            mlflow.log_metric("accuracy", 0.5)
            mlflow.set_tag("mlflow.source.git.commit", "0" * 40)
    client = MlflowClient()
    here = client.get_experiment_by_name("digits").experiment_id
    for name, status in (("latest", "FAILED"), ("killed", "KILLED"), ("open", None), ("gone", "x")):
        made = client.create_run(here, run_name=name).info.run_id
        if name == "gone":
            client.delete_run(made)
        elif status is not None:
            client.set_terminated(made, status)


def said() -> list[dict[str, Any]]:
    client = MlflowClient()
    here = client.get_experiment_by_name("digits").experiment_id
    return [
        {
            "id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "started": run.info.start_time,
            "ended": run.info.end_time,
            "params": run.data.params,
            "metrics": run.data.metrics,
            "tags": run.data.tags,
            "history": {
                key: [
                    (one.step, one.timestamp, one.value)
                    for one in client.get_metric_history(run.info.run_id, key)
                ]
                for key in run.data.metrics
            },
        }
        for run in client.search_runs([here])
    ]


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_experiment("digits")
    write(sys.argv[2])
    Path(sys.argv[3]).write_text(json.dumps(said(), indent=1))
