"""What is read of the runs in stores of MLflow and W&B, whole ones, half ones and hostile ones."""

from __future__ import annotations

import math
import shutil
import sqlite3
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.metrics import databases
from gitexp.metrics.databases import opened_file
from gitexp.metrics.logged import Logged, LoggedModel
from gitexp.metrics.mlflow_database import MOST_RUNS, read_database
from gitexp.metrics.mlflow_files import read_files
from gitexp.metrics.protobuf import fields
from gitexp.metrics.reading import parse_metrics
from gitexp.metrics.wandb_file import read_run
from gitexp.model.policy import Policy, Rule

from tests.metrics.tracker_stores import (
    MLFLOW_TABLES,
    artifact,
    field,
    history,
    mlruns,
    summary,
    wandb_bytes,
    wandb_run,
)

MOST = 10_000_000
MLFLOW = f"""{MLFLOW_TABLES}
INSERT INTO runs VALUES ('old', 'a', 'FINISHED', 999, 'active', '/m/old', 0),
    ('new', 'b', 'FINISHED', 2000, 'active', '/m/new', 1),
    ('inner', 'c', 'FINISHED', 3000, 'active', '/m/in', 1),
    ('gone', 'd', 'FINISHED', 4000, 'deleted', '/m/gone', 1);
INSERT INTO params VALUES ('lr', '0.1', 'new'), ('depth', '3', 'new'), ('name', 'a1', 'new'),
    ('warm', 'True', 'new'), ('seed', 'None', 'new'), ('lr', '9', 'old');
INSERT INTO latest_metrics VALUES ('loss', 0.5, 1, 7, 0, 'new'), ('f1', 0, 1, 3, 1, 'new');
INSERT INTO tags VALUES ('stage', 'dev', 'new'), ('mlflow.user', 'u', 'new'),
    ('mlflow.parentRunId', 'new', 'inner');
INSERT INTO logged_models VALUES ('m-1', 'net', '/m/new/models/m-1/artifacts', 1, 'new'),
    ('m-2', 'other', '/m/x', 1, 'old');
"""


def database(file: Path, script: str) -> Path:
    made = sqlite3.connect(file)
    made.executescript(script)
    made.close()
    return file


def test_the_newest_run_that_no_other_has_inside_comes_with_its_values(tmp_path: Path) -> None:
    [new] = read_database(database(tmp_path / "a.db", MLFLOW), (1000, None), MOST)

    assert math.isnan(new.metrics.pop("f1"))  # type: ignore[attr-defined]
    assert new == Logged(
        *("new", "b", "iris", 2000),
        params={"depth": 3, "lr": 0.1, "name": "a1", "seed": None, "warm": True},
        metrics={"loss": 0.5, "step": 7},
        tags={"stage": "dev"},
        models=(LoggedModel("net", "/m/new/models/m-1/artifacts", id="m-1"),),
    )


def test_a_search_of_many_runs_is_the_one_around_them(tmp_path: Path) -> None:
    trials = "".join(
        f"INSERT INTO runs VALUES ('t{at}', 't', 'FINISHED', {5000 + at}, 'active', '/m', 1);"
        f"INSERT INTO tags VALUES ('mlflow.parentRunId', 'new', 't{at}');"
        for at in range(MOST_RUNS)
    )
    file = database(tmp_path / "a.db", f"BEGIN; {MLFLOW} {trials} COMMIT;")

    assert [one.run for one in read_database(file, (1000, None), MOST)] == ["new"]
    assert read_database(file, (1000, 1000), MOST) == []
    assert (
        read_database(file, (2500, None), MOST)[0].run == f"t{MOST_RUNS - 1}"
    )  # its parent is of before


def test_nothing_is_made_beside_a_database_that_has_a_log(tmp_path: Path) -> None:
    (tmp_path / "logged").mkdir()
    file = database(tmp_path / "logged/a.db", f"PRAGMA journal_mode = wal; {MLFLOW}")

    [new] = read_database(file, (1000, None), MOST)

    assert new.metrics["loss"] == 0.5
    assert [one.name for one in file.parent.iterdir()] == ["a.db"]


def test_before_mlflow_3_a_tag_names_the_models(tmp_path: Path) -> None:
    script = MLFLOW.replace("'mlflow.user', 'u'", "'mlflow.log-model.history', '{}'").replace(
        "'{}'", '\'[{"artifact_path": "model", "run_id": "new"}]\''
    )
    file = database(tmp_path / "a.db", f"{script} DROP TABLE logged_models;")

    [new] = read_database(file, (1000, None), MOST)

    assert new.models == (LoggedModel("model", "/m/new/model"),)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE runs (run_uuid);",
        f"{MLFLOW} ALTER TABLE tags RENAME TO kept; CREATE VIEW tags AS SELECT * FROM kept;",
        f"{MLFLOW} ALTER TABLE tags ADD COLUMN more AS (hex(zeroblob(300000000)));",
    ],
)
def test_a_database_without_the_tables_of_mlflow_has_no_runs(tmp_path: Path, script: str) -> None:
    assert read_database(database(tmp_path / "a.db", script), (0, None), MOST) == []


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"text " * 1000)

    with pytest.raises(GitexpError, match=r"a\.db' cannot be read as a database"):
        read_database(tmp_path / "a.db", (0, None), MOST)


def logging_now(folder: Path) -> sqlite3.Connection:
    """Return a program that is in the middle of a change, half of which is in `live.db`."""
    folder.mkdir()
    made = sqlite3.connect(database(folder / "live.db", MLFLOW), isolation_level=None)
    made.execute("PRAGMA cache_size = 1")  # what is changed goes to the disk before its commit
    made.execute("BEGIN")
    made.execute("UPDATE latest_metrics SET value = 99")
    for at in range(2000):
        made.execute("INSERT INTO params VALUES (?, 'half', 'new')", (f"p{at}",))
    return made


def killed(folder: Path) -> Path:
    """Return a database as a program leaves it that is killed while it logs."""
    made = logging_now(folder)
    for name in ("live.db", "live.db-journal"):
        shutil.copyfile(folder / name, folder / name.replace("live", "left"))
    made.close()
    return folder / "left.db"


def test_a_database_whose_program_was_killed_gives_what_is_whole(tmp_path: Path) -> None:
    file = killed(tmp_path / "killed")
    before = {one.name: one.read_bytes() for one in file.parent.glob("left*")}

    [new] = read_database(file, (1000, None), MOST)

    assert new.metrics["loss"] == 0.5
    assert "p1" not in new.params
    assert {one.name: one.read_bytes() for one in file.parent.glob("left*")} == before


def test_half_a_change_of_a_program_at_work_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "_PATIENCE", 0.0)
    program = logging_now(tmp_path / "live")
    file = tmp_path / "live" / "live.db"

    for most in (10, MOST):  # too large to be copied, and not
        with pytest.raises(sqlite3.OperationalError, match="locked"), opened_file(file, most):
            pass

    program.execute("ROLLBACK")
    with opened_file(file, 10) as opened:
        assert opened.execute("SELECT max(value) FROM latest_metrics").fetchone() == (0.5,)
    program.close()


def test_a_journal_that_names_another_file_is_not_followed(tmp_path: Path) -> None:
    """SQLite itself would delete that file, once it has repaired the database."""
    file, victim = killed(tmp_path / "killed"), tmp_path / "victim"
    victim.write_bytes(b"\0" * 64)
    name = str(victim).encode()
    told = name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big")
    with Path(f"{file}-journal").open("ab") as journal:
        journal.write(b"\0\0\0\0" + told + bytes.fromhex("d9d505f920a163d7"))

    with pytest.raises(GitexpError, match="cannot be read as a database"):
        read_database(file, (1000, None), MOST)

    assert victim.exists()


RUN = "artifact_uri: x\nlifecycle_stage: active\nrun_id: r1\nrun_name: 1e-3\nstart_time: 2000\n"
FILES = {
    "0/meta.yaml": "experiment_id: '0'\nname: iris\n",
    "0/r1/meta.yaml": RUN,
    "0/r1/params/lr": "0.1",
    "0/r1/params/opt/name": "adam",
    "0/r1/metrics/loss": "1 0.7 0\n2 0.5 1\n3 0.",
    "0/r1/metrics/val/f1": "1 nan 4\n",
    "0/r1/metrics/empty": "",
    "0/r1/tags/stage": "dev",
    "0/r1/tags/mlflow.user": "u",
    "0/models/m-1/meta.yaml": "name: net\nsource_run_id: r1\nartifact_location: s3://b/m-1\n",
    "0/half/params/lr": "3",
    "0/gone/meta.yaml": RUN.replace("active", "deleted"),
    "0/old/meta.yaml": RUN.replace("2000", "10"),
    "0/odd/meta.yaml": "start_time: [",
    "0/inner/meta.yaml": RUN.replace("2000", "3000"),
    "0/inner/tags/mlflow.parentRunId": "r1",
    "1/r2/meta.yaml": RUN.replace("2000", "3000"),
}


def test_a_folder_of_mlflow_gives_what_is_whole_and_follows_no_link(tmp_path: Path) -> None:
    root = mlruns(tmp_path / "mlruns", FILES)
    (tmp_path / "secret").write_text("s3cret")
    (root / "0/r1/params/key").symlink_to(tmp_path / "secret")
    (root / "0/r1/params/all").symlink_to(tmp_path)

    [found] = read_files(root, (1000, None))

    assert math.isnan(found.metrics.pop("val/f1"))  # type: ignore[attr-defined]
    assert found == Logged(
        *("r1", "1e-3", "iris", 2000),
        params={"lr": 0.1, "opt/name": "adam"},
        metrics={"loss": 0.5, "step": 4},
        tags={"stage": "dev"},
        models=(LoggedModel("net", "s3://b/m-1", id="m-1"),),
    )


WANDB = wandb_bytes(
    wandb_run(lr=0.1, net={"depth": 2}, _wandb={"x": 1}),
    history(_step=0, loss=0.9, acc=0.1),
    summary({"loss": 0.9}),
    history(_step=1, loss=0.4, acc=0.2, picture={"_type": "image-file"}, note="text"),
    history(_step=2, loss=0.5, acc="NaN", _runtime=3),
    summary({"best": 0.4, "_wandb.runtime": 2}),
    field(99, b"of a newer version"),
    b"\xff\xff",
    artifact("net", "model", ("model.bin", "OYUz1IER6fZksfZMsQxLYw==")),
    artifact("table", "dataset", ("t.csv", "OYUz1IER6fZksfZMsQxLYw==")),
)


def test_a_run_of_wandb_is_its_config_its_summary_and_its_models() -> None:
    found = read_run(WANDB, "run.wandb")

    assert found is not None
    assert math.isnan(found.metrics.pop("acc"))  # type: ignore[attr-defined]
    assert found == Logged(
        *("abc12345", "first", "iris", 1_800_000_000_000),
        params={"lr": 0.1, "net": {"depth": 2}},
        metrics={"best": 0.4, "loss": 0.5, "step": 2},
        tags={"base": "", "x": ""},
        models=(LoggedModel("net", "model.bin", "398533d48111e9f664b1f64cb10c4b63", id="d1ge5t"),),
    )


def test_the_best_step_of_a_run_of_wandb_is_that_of_the_policy() -> None:
    goal = Policy((("loss", Rule("min")),))

    assert parse_metrics(WANDB, "run-1.wandb", "best", goal) == {"acc": 0.2, "loss": 0.4, "step": 1}


def test_of_a_run_that_is_cut_off_anywhere_what_is_whole_counts() -> None:
    long = wandb_bytes(
        wandb_run(lr=0.1), *(history(_step=at, text="x" * 900, loss=at) for at in range(80))
    )

    steps = [read_run(long[:size], "a") for size in (*range(7, len(long), 97), len(long))]

    known = [int(str(one.metrics.get("loss", -1))) for one in steps if one is not None]
    assert known == sorted(known)
    assert (known[0], known[-1]) == (-1, 79)
    damaged = bytearray(long)
    damaged[40_000] ^= 1  # in the record of a step in the second block
    found = read_run(bytes(damaged), "a")
    assert found is not None
    assert 0 < int(str(found.metrics["loss"])) < 79


def test_a_value_that_nests_too_deep_is_left_out() -> None:
    text = "[" * 150 + "]" * 150
    deep = field(1, field(1, "deep") + field(16, text))

    found = read_run(wandb_bytes(wandb_run(lr=0.1), field(5, deep)), "a")

    assert found is not None
    assert found.params == {"lr": 0.1}


def test_of_two_runs_of_one_second_it_is_known_which_began_first() -> None:
    moment = field(1, 1_800_000_000) + field(2, 250_000_000)

    found = read_run(wandb_bytes(field(17, field(1, "a") + field(17, moment))), "a")

    assert found is not None
    assert found.started == 1_800_000_000_250


def test_other_bytes_are_no_run_of_wandb() -> None:
    assert read_run(b":W&B\xe1\xbe\x00", "a") is None
    with pytest.raises(GitexpError, match=r"'run\.wandb' is not a run of W&B's"):
        read_run(b"{}", "run.wandb")


@pytest.mark.parametrize("message", [b"\x08", b"\x12\x05ab", b"\x0b", b"\xff" * 12, b"\x09\x00"])
def test_half_a_message_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|of kind"):
        list(fields(message))
