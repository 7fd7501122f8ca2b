"""Databases of trackers, with the tables that MLflow 3 and Optuna 4 make."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.metrics import databases
from gitexp.metrics.reading import parse_metrics
from gitexp.model.policy import Policy, Rule

MLFLOW = """
CREATE TABLE experiments (experiment_id INTEGER);
CREATE TABLE runs (run_uuid TEXT, start_time BIGINT, lifecycle_stage TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT,
    is_nan BOOLEAN);
CREATE TABLE latest_metrics (key TEXT, value FLOAT, timestamp BIGINT, step BIGINT, is_nan BOOLEAN,
    run_uuid TEXT);
INSERT INTO runs VALUES ('old', 1, 'active'), ('new', 2, 'active'), ('gone', 3, 'deleted');
INSERT INTO metrics VALUES ('loss', 0.5, 1, 'new', 0, 0), ('acc', 0.7, 1, 'new', 0, 0),
    ('loss', 0.6, 2, 'new', 1, 0);
INSERT INTO latest_metrics VALUES ('loss', 9, 1, 0, 0, 'old'), ('loss', 0.6, 2, 1, 0, 'new'),
    ('acc', 0.7, 1, 0, 0, 'new'), ('loss', 7, 3, 0, 0, 'gone');
"""
OPTUNA = """
CREATE TABLE studies (study_id INTEGER, study_name TEXT);
CREATE TABLE study_directions (study_id INTEGER, direction TEXT, objective INTEGER);
CREATE TABLE trials (trial_id INTEGER, number INTEGER, study_id INTEGER, state TEXT);
CREATE TABLE trial_values (trial_id INTEGER, objective INTEGER, value FLOAT, value_type TEXT);
INSERT INTO studies VALUES (1, 'old'), (2, 'new');
INSERT INTO study_directions VALUES (1, 'MAXIMIZE', 0), (2, 'MINIMIZE', 0);
INSERT INTO trials VALUES (1, 0, 1, 'COMPLETE'), (2, 0, 2, 'COMPLETE'), (3, 1, 2, 'COMPLETE'),
    (4, 2, 2, 'PRUNED');
INSERT INTO trial_values VALUES (1, 0, 99, 'FINITE'), (2, 0, 0.4, 'FINITE'), (3, 0, 0.3, 'FINITE'),
    (4, 0, 0.1, 'FINITE');
"""


def database(tmp_path: Path, script: str) -> bytes:
    file = tmp_path / "made.db"
    made = sqlite3.connect(file)
    made.executescript(script)
    made.close()
    return file.read_bytes()


def test_the_newest_run_of_mlflow_counts(tmp_path: Path) -> None:
    content = database(tmp_path, MLFLOW)
    goal = Policy((("loss", Rule("min")),))

    assert parse_metrics(content, "mlflow.db") == {"acc": 0.7, "loss": 0.6}
    assert parse_metrics(content, "mlflow.db", "best", goal) == {
        "loss": 0.5,
        "acc": 0.7,
        "step": 0,
    }


def test_of_the_newest_study_of_optuna_the_best_complete_trial_counts(tmp_path: Path) -> None:
    found = parse_metrics(database(tmp_path, OPTUNA), "study.db")

    assert found == {"best_value": 0.3, "best_trial": 1, "trials": 2}


AS_VIEW = "ALTER TABLE {0} RENAME TO kept; CREATE VIEW {0} AS SELECT * FROM kept;"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "CREATE TABLE other (a);",
        MLFLOW + AS_VIEW.format("latest_metrics"),
        MLFLOW + AS_VIEW.format("metrics"),
        OPTUNA + AS_VIEW.format("study_directions"),
        OPTUNA + "DROP TABLE trials; CREATE VIRTUAL TABLE trials USING fts5(trial_id, number);",
    ],
)
def test_other_databases_are_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(GitexpError, match=r"'data\.db' is a database of neither MLflow nor Opt"):
        parse_metrics(database(tmp_path, script), "data.db")


def test_what_is_no_database_is_said() -> None:
    with pytest.raises(GitexpError, match=r"'data\.db' cannot be read as a database"):
        parse_metrics(b"text " * 1000, "data.db")


def test_a_database_that_keeps_a_reader_busy_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = database(tmp_path, OPTUNA)
    monkeypatch.setattr(databases, "_ROUND", 1)
    monkeypatch.setattr(databases, "MOST_STEPS", 50)

    with pytest.raises(GitexpError, match=r"'study\.db' takes too long to read as a database"):
        parse_metrics(content, "study.db")
