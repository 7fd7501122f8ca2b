from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.comparison.query.run_values import flat_values
from gitexp.errors import ExitCode
from gitexp.importing import mlflow_folder
from gitexp.importing.foreign import Found
from gitexp.importing.from_mlflow import found
from gitexp.metrics import databases, mlflow_files
from gitexp.model.values import same
from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.series.tables import read_tables

from tests.importing.stored import change, check_mlflow, database, folder, records_of, said
from tests.metrics.tracker_stores import mlruns
from tests.workshop import Git, Gitexp


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def test_a_database_of_mlflows_comes_value_by_value_and_once(
    gitexp: Gitexp, project: Project, git: Git, tmp_path: Path
) -> None:
    head = git("rev-parse", "HEAD").strip()
    store = database(tmp_path / "mlflow.db", "mlflow-3.17.2.sql", commit=head)
    before = store.read_bytes()

    dry = gitexp("import", "mlflow", store, "-n")
    first = gitexp("import", "mlflow", f"sqlite:///{store}")
    tip = git("rev-parse", "experiments")
    again = gitexp("import", "mlflow", tmp_path)

    assert dry.out.endswith(
        "would import 4 runs of MLflow; "
        "1 run is left out, without an end (`--unfinished` brings them)\n"
    )
    assert first.out.startswith("imported 4 runs of MLflow; 1 run is left out")
    assert first.err == (
        "note: 'first run, ä': is called 'first-run' here: no run can be called 'first run, ä'\n"
        "note: 'child': its commit 0000000000 is not in this repository\n"
        f"note: 'latest': is called '{_name_of_latest(project)}' here: "
        "no run can be called 'latest'\n"
    )
    assert again.out.startswith("4 runs are here already; 1 run is left out")
    assert git("rev-parse", "experiments") == tip
    assert store.read_bytes() == before
    runs = said("mlflow-3.17.2.said.json")
    for run in runs:
        if run["tags"].get("mlflow.source.git.commit") == "1" * 40:
            run["tags"]["mlflow.source.git.commit"] = head
    check_mlflow(project, runs)
    [whole] = [one for one in project.runs.newest() if one.name == "first-run"]
    assert (whole.record.baseline, whole.record.user) == (head, "root")
    assert whole.record.message == "A note.\nSecond: line"
    changed = git("diff", "--name-only", head, whole.oid).split()
    assert all(path.startswith(".gitexp/") for path in changed)
    assert git("fsck", "--full", "--strict", "--no-dangling") == ""


def _name_of_latest(project: Project) -> str:
    names = {one.extra["imported"]["name"]: one.name for one in records_of(project).values()}
    return names["latest"]


@pytest.mark.parametrize("project_files", [{"gitexp.yaml": "series: {max: 10}\n"}])
def test_a_folder_of_mlflows_comes_and_long_curves_go_behind_pointers(
    gitexp: Gitexp, project: Project, git: Git, tmp_path: Path
) -> None:
    store = folder(tmp_path / "mlruns", "mlflow-3.17.2-folder.json")

    ended = gitexp("import", "mlflow", store, "--unfinished")

    assert ended.out == "imported 5 runs of MLflow\n"
    records = records_of(project)
    [first] = [one for one in project.runs.newest() if one.name == "first-run"]
    paths = {one.path for one in first.record.pointers}
    assert paths == {"logged/series/metrics.tsv", "logged/series/val.tsv"}
    gitexp("get", "first-run", "logged/series/metrics.tsv", "-o", tmp_path / "whole.tsv")
    whole = read_tables({"": (tmp_path / "whole.tsv").read_text()})
    assert (whole["loss"].steps, whole["loss"].values[0]) == ([0, 10, 20, 30, 40], 1.0)
    assert [one.exit.reason for one in records.values() if one.name == "open"] == ["lost"]
    applied, again = gitexp("apply", "first-run"), gitexp("rerun", "first-run")
    assert ExitCode.OK not in (applied.code, again.code)
    for one in (applied, again):
        assert "run 'first-run' has no code: it was imported" in one.err
    assert git("fsck", "--full", "--strict", "--no-dangling") == ""
    interrupted = [one for one in said("mlflow-3.17.2-folder.said.json") if one["ended"] is None]
    assert len(interrupted) == 1


def test_what_gitexp_exported_comes_back_as_it_was(
    gitexp: Gitexp, project: Project, tmp_path: Path
) -> None:
    store = database(tmp_path / "exported.db", "exported.sql")

    gitexp("import", "mlflow", store)

    project.runs.refresh()
    runs = {run.name: run for run in project.runs.newest()}
    assert set(runs) == {"one", "two"}
    for name, told in said("exported.said.json").items():
        record, was = runs[name].record, told["record"]
        assert (record.id, list(record.tags), record.message) == (
            *(was["id"], told["tags"], was["message"]),
        )
        assert (record.status, record.exit.code) == (was["status"], was["exit"]["code"])
        assert (record.started, record.ended) == (was["started"], was["ended"])
        assert (list(record.command), record.baseline) == (was["command"], was["baseline"])
        for what in ("params", "metrics"):
            assert same(flat_values(getattr(record, what)), flat_values(was[what]))
        curves, before = series_of_run(project, runs[name]), read_tables(told["tables"])
        assert set(curves) == set(before)
        for key, one in curves.items():
            assert (one.steps, one.times) == (before[key].steps, before[key].times)
            assert same(one.values, before[key].values)


LONG = "'loss' has so many values that only the last of them have come"
MANY = "it has more metrics than 2: the others stay there"


@pytest.mark.parametrize(
    ("largest", "others", "steps", "problems"),
    [
        (50, 0, [3, 4], (LONG,)),
        (54, 0, [2, 3, 4], (LONG,)),  # where a line ends
        (90, 0, [0, 1, 2, 3, 4], ()),  # all of it
        (90, 1, [0, 1, 2, 3, 4], ()),
        (90, 2, [0, 1, 2, 3, 4], (MANY,)),
    ],
)
def test_of_metrics_beyond_measure_the_end_comes_and_half_a_line_does_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    largest: int,
    others: int,
    steps: list[int],
    problems: tuple[str, ...],
) -> None:
    monkeypatch.setattr(mlflow_folder, "_LARGEST", largest)
    for module in (mlflow_folder, mlflow_files):
        monkeypatch.setattr(module, "MOST_FILES", 2)
    meta = "run_id: r1\nrun_name: one\nstatus: 3\nstart_time: 1000\nend_time: 3000\n"
    lines = "".join(f"{1_764_489_600_000 + at} {at} {at}\n" for at in range(5))
    files = {"meta.yaml": "name: x\n", "r1/meta.yaml": meta, "r1/metrics/loss": lines}
    files |= {f"r1/metrics/test/{at}": "1764489600009 0.5 0\n" for at in range(others)}
    mlruns(tmp_path, {f"0/{name}": text for name, text in files.items()})

    [one] = found(str(tmp_path), Path())

    assert isinstance(one, Found)
    run = one.read()
    assert run.problems == problems
    assert len(run.metrics) == min(1 + others, 2)
    [curve] = run.curves
    assert (curve.steps, curve.times) == (steps, [at / 1000 for at in range(len(steps))])


def test_what_is_no_store_is_refused_with_a_hint(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del work_tree
    monkeypatch.setattr(databases, "_PATIENCE", 0.0)
    (tmp_path / "text.db").write_text("no database")
    (tmp_path / "empty").mkdir()
    change(tmp_path / "other.db", "CREATE TABLE runs (a)")
    computed = database(tmp_path / "computed.db", "mlflow-3.17.2.sql")
    change(computed, "ALTER TABLE params ADD COLUMN x AS (hex(zeroblob(300000000)))")
    newer = database(tmp_path / "newer.db", "mlflow-3.17.2.sql")
    change(newer, "ALTER TABLE runs RENAME COLUMN run_uuid TO run_key")
    locked = database(tmp_path / "locked.db", "mlflow-3.17.2.sql")
    writer = sqlite3.connect(locked)
    writer.execute("BEGIN EXCLUSIVE")

    said_of = {
        None: "there is neither 'mlflow.db' nor 'mlruns' here",
        "nowhere": "there is no '",
        "text.db": "is not a database of SQLite's",
        "empty": "is not a store of MLflow's: no experiment is in it",
        "other.db": "is not a database of MLflow's",
        "computed.db": "is not a database of MLflow's",  # a gigabyte of nothing for each param
        "newer.db": "is of a version of MLflow that this gitexp does not know: no such column",
        "locked.db": "is locked: another program is writing into it",
        "http://host:5000": "a store behind 'http://' is not read",
    }
    for name, message in said_of.items():
        place = [] if name is None else [name if "://" in name else str(tmp_path / name)]
        ended = gitexp("import", "mlflow", *place)
        assert ended.code == ExitCode.ERROR
        assert message in ended.err
        assert "\nhint: " in ended.err
    writer.close()
