"""The same runs for the peers: as DVC's experiments, and in an MLflow store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import yaml

from benchmarks.workshop import Workshop, initialise_dvc, run
from gitexp.model.record import RunRecord
from gitexp.model.values import flatten

_PIPELINE = "params: [params.yaml]\nmetrics: [metrics.json]\n"

FILL_MLFLOW = """
import json, sys
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])
experiment = client.create_experiment("runs")
for line in sys.stdin:
    one = json.loads(line)
    made = client.create_run(experiment, run_name=one["name"], start_time=one["started"])
    client.log_batch(
        made.info.run_id,
        metrics=[Metric(name, value, one["ended"], 0) for name, value in one["metrics"].items()],
        params=[Param(name, str(value)) for name, value in one["params"].items()],
    )
    client.set_terminated(made.info.run_id, end_time=one["ended"])
print(experiment)
"""


def dvc_experiments(workshop: Workshop, name: str, records: Iterable[RunRecord]) -> Path:
    """Make a repository with the runs as experiments on its one commit, as DVC saves them."""
    files = {"dvc.yaml": _PIPELINE, "params.yaml": "seed: 0\n", "metrics.json": "{}\n"}
    place = workshop.repository(name, files)
    initialise_dvc(place, workshop.peer("dvc"))
    base = run("git", "rev-parse", "HEAD", cwd=place).decode().strip()
    stream = b"".join(_experiment(base, record) for record in records)
    run("git", "fast-import", "--quiet", cwd=place, stdin=stream)
    return place


def _experiment(base: str, record: RunRecord) -> bytes:
    (params,), metrics = record.params.values(), dict(record.metrics).get("metrics.json", {})
    ref = f"refs/exps/{base[:2]}/{base[2:]}/{record.name}"
    head = f"commit {ref}\ncommitter Ada <ada@example.com> 1735700000 +0000\n"
    parts = [head.encode(), _data(f"dvc: commit experiment {record.id}\n".encode())]
    parts.append(f"from {base}\nM 100644 inline params.yaml\n".encode())
    parts.append(_data(yaml.safe_dump(params).encode()))
    parts += [b"M 100644 inline metrics.json\n", _data(json.dumps(metrics).encode())]
    return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def mlflow_store(workshop: Workshop, python: str, records: Iterable[RunRecord]) -> tuple[str, str]:
    """Put the runs into an MLflow store in SQLite; return its address and the experiment's id."""
    address = f"sqlite:///{workshop.folder}/mlflow.db"
    lines = "".join(f"{json.dumps(_flat(record))}\n" for record in records)
    made = run(python, "-c", FILL_MLFLOW, address, cwd=workshop.folder, stdin=lines.encode())
    return address, made.decode().split()[-1]


def _flat(record: RunRecord) -> dict[str, object]:
    (params,), metrics = record.params.values(), dict(record.metrics).get("metrics.json", {})
    return {
        "name": record.name,
        "started": 1735700000000,
        "ended": 1735700600000,
        "params": flatten(params),
        "metrics": flatten(metrics),
    }


def has_mlflow(python: str) -> bool:
    """Return whether a Python has MLflow with what its SQLite store takes."""
    asked = "import mlflow, sqlalchemy, alembic"
    return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0
