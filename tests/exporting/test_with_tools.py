"""Exports read by the tools that they are for; each test runs where its tool is installed.

`pip install duckdb pyarrow mlflow mlcroissant` has all of them but the validator of crates, which
wants the network.
"""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import ExitCode
from gitexp.exporting.frame import frame_of
from gitexp.exporting.parquet import write_frame

from tests.exporting.test_frame import RUN
from tests.workshop import Gitexp, only_once

pytestmark = pytest.mark.filterwarnings("default")  # those tools have some of their own

TRAIN = dedent("""\
    import json, math, sys
    import gitexp
    for step in range(4):
        gitexp.log({"loss": 1 / (step + 1), "odd": math.nan if step == 1 else step}, step=10 * step)
    json.dump({"accuracy": 0.5, "n": 3, "on": True, "what": "ä"}, open("metrics.json", "w"))
""")


@pytest.fixture
def logged(gitexp: Gitexp, work_tree: Path) -> dict[str, Any]:
    """Two runs with curves; returns what each metric of theirs came to."""

    def make() -> None:
        (work_tree / "train.py").write_text(TRAIN)
        for name in ("one", "two"):
            assert gitexp("run", "-n", name, "--", "python", "train.py").code == ExitCode.OK

    only_once("two runs with curves", work_tree, make)
    return {"loss": [1, 1 / 2, 1 / 3, 1 / 4], "odd": [0, math.nan, 2, 3]}


def test_duckdb_reads_the_parquet_and_the_database(
    gitexp: Gitexp, logged: dict[str, Any], tmp_path: Path
) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    runs, curves, base = (tmp_path / name for name in ("r.parquet", "c.parquet", "r.duckdb"))

    assert gitexp("export", "parquet", "-o", runs, "--curves", curves).code == ExitCode.OK
    assert gitexp("export", "duckdb", "-o", base).code == ExitCode.OK

    with duckdb.connect(str(base), read_only=True) as database:
        for table in (f"'{runs}'", "runs"):
            asked = 'SELECT name, "metrics.accuracy", "metrics.n", "metrics.on", "metrics.what"'
            found = database.execute(f"{asked} FROM {table} ORDER BY name").fetchall()
            assert found == [(name, 0.5, 3, True, "ä") for name in ("one", "two")]
            times = database.execute(f"SELECT typeof(started) FROM {table}").fetchall()
            assert times == [("TIMESTAMP WITH TIME ZONE",)] * 2
        for table in (f"'{curves}'", "curves"):
            for key, values in logged.items():
                asked = f"SELECT step, value FROM {table} WHERE name = 'two' AND key = ? ORDER BY 1"
                rows = database.execute(asked, [key]).fetchall()
                assert [step for step, _ in rows] == [0, 10, 20, 30]
                assert [value for _, value in rows] == pytest.approx(values, nan_ok=True)


def test_polars_reads_the_parquet(gitexp: Gitexp, logged: dict[str, Any], tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    del logged

    gitexp("export", "parquet", "-o", tmp_path / "r.parquet")

    frame = polars.read_parquet(tmp_path / "r.parquet").sort("name")
    assert frame["name"].to_list() == ["one", "two"]
    assert frame.schema["started"] == polars.Datetime("ms", "UTC")
    assert frame.schema["metrics.n"] == polars.Int64


def test_mlflow_has_the_same_runs_params_and_metrics_value_by_value(
    gitexp: Gitexp, logged: dict[str, Any], tmp_path: Path
) -> None:
    mlflow = pytest.importorskip("mlflow")
    store = tmp_path / "ml.db"

    first = gitexp("export", "mlflow", "-o", store, "--experiment", "mine")
    again = gitexp("export", "mlflow", "-o", store, "--experiment", "mine")

    assert first.out == f"wrote 2 runs to '{store}'\n"
    assert again.out == f"wrote 0 runs to '{store}'; 2 runs there already\n"
    assert "metric 'what' is no number" in first.err
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store}")
    experiment = client.get_experiment_by_name("mine").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    assert set(runs) == {"one", "two"}
    for run in runs.values():
        assert run.info.status == "FINISHED"
        assert run.data.metrics["accuracy"] == 0.5
        assert run.data.metrics["n"] == 3
        for key, values in logged.items():
            history = sorted(
                (one.step, one.value) for one in client.get_metric_history(run.info.run_id, key)
            )
            assert [step for step, _ in history] == [0, 10, 20, 30]
            assert [value for _, value in history] == pytest.approx(values, nan_ok=True)


def test_what_mlflow_cannot_do_is_said_without_passwords(
    gitexp: Gitexp, logged: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip("mlflow")
    del logged
    (tmp_path / "bad.db").write_text("no database")

    damaged = gitexp("export", "mlflow", "-o", tmp_path / "bad.db")
    unknown = gitexp("export", "mlflow", "-o", "nosuch://me:s3cret@host/a")

    assert damaged.code == unknown.code == ExitCode.ERROR
    assert damaged.err.startswith(f"error: MLflow cannot export to 'sqlite:///{tmp_path}/bad.db': ")
    assert unknown.err.startswith("error: MLflow cannot export to 'nosuch://***@host/a': ")
    assert "s3cret" not in unknown.err


def test_mlcroissant_reads_the_data_set(
    gitexp: Gitexp, logged: dict[str, Any], tmp_path: Path
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    del logged

    gitexp("export", "croissant", "-o", tmp_path / "set")

    found = mlcroissant.Dataset(tmp_path / "set" / "croissant.json")
    assert not found.metadata.ctx.issues.errors
    names = [row["runs/name"] for row in found.records("runs")]
    assert sorted(names) == [b"one", b"two"]


def test_a_name_that_is_no_text_is_a_column(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    odd = replace(RUN, params={"params.yaml": {"\udcff": "\ud800"}})

    write_frame(frame_of([("a" * 40, odd)]), tmp_path / "r.parquet")

    table = parquet.read_table(tmp_path / "r.parquet")
    assert table["params.\\udcff"].to_pylist() == ["\\ud800"]
