"""Models whatever they are called, folders of models and trackers' files, by real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.workshop import Runs, Sh, TheRun
from tests.workshop import Git

LOGS = 'python -c \'import sqlite3; sqlite3.connect("mlflow.db").execute("create table t (a)")\''


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project without any settings."""
    return {"train.py": ""}


def test_models_go_behind_pointers_by_what_they_are_and_their_side_files_with_them(
    sh: Sh, the_run: TheRun
) -> None:
    sh(
        "printf 'tree\\nversion=v4\\n' > model.txt; echo 1 > w.bin; echo 1 > log.txt;"
        "mkdir -p best; echo '{}' > best/config.json; echo 1 > best/model.safetensors;"
        "echo '{}' > best/tokenizer.json; mkdir out; echo '{}' > out/config.json;"
        "echo 1 > out/model.safetensors; echo '{\"loss\": 1}' > out/all_results.json"
    )

    run = the_run()
    pointed = {one.path for one in run.record.pointers}
    assert pointed == {"model.txt", "w.bin", "best", "out/model.safetensors"}
    assert {"log.txt", "best.dvc", "out/config.json", "out/all_results.json"} <= set(run.entries)
    assert "best/tokenizer.json" not in run.entries


def test_a_track_of_ones_own_replaces_what_gitexp_knows(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: ['*.joblib']\n")

    sh("echo 1 > w.bin; mkdir m; echo '{}' > m/config.json; echo 1 > m/model.safetensors")

    assert the_run().record.pointers == ()


def test_data_that_is_called_like_a_model_is_an_input(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    (work_tree / "train.bin").write_text("data")
    (work_tree / "train.npy").write_text("data")
    git("add", "train.npy")

    sh("true")
    first = the_run().record
    (work_tree / "train.bin").write_text("other")
    sh("true")

    assert first.inputs.oid != the_run().record.inputs.oid
    assert {"train.bin", "train.npy"} <= set(the_run().entries)


def test_a_database_that_grows_lies_behind_a_pointer_and_is_no_input(sh: Sh, runs: Runs) -> None:
    sh(LOGS)
    sh(LOGS.replace("table t", "table u"))

    second, first = runs()
    assert [one.path for one in first.record.pointers] == ["mlflow.db"]
    assert [one.path for one in second.record.pointers] == ["mlflow.db"]
    assert second.record.pointers[0].md5 != first.record.pointers[0].md5
    assert second.record.inputs.oid == first.record.inputs.oid
    assert second.record.changed_meanwhile == ()


def test_trackers_files_are_left_out_if_the_settings_say_so(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("tracker_files: leave_out\n")

    told = [sh(f"{LOGS.replace('table t', f'table t{at}')}; echo > {at}.txt").err for at in "ab"]

    assert all(
        "note: 'mlflow.db' of a tracker is left out, as `tracker_files`" in one for one in told
    )
    assert "mlflow.db" not in the_run().entries
    assert the_run().record.pointers == ()
    assert the_run().record.left_out == ("mlflow.db",)
    assert (work_tree / "mlflow.db").exists()


DRAWS = """\
import os, sys
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
os.mkdir("plots")
for path in ("a.png", "b.png", "plots/a.jpg", "plots/b.jpg", "named.png"):
    with open(path, "wb") as file:
        file.write(b"\\0" + os.urandom(int(sys.argv[2])))
os.mkdir("mixed")
for path in ("mixed/c.png", "mixed/key.env"):
    open(path, "wb").write(b"\\0" + os.urandom(1000))
open("log.txt", "w").write("x" * 200_000)
"""


def test_pictures_are_in_git_as_long_as_they_are_small_all_together(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    (work_tree / "gitexp.yaml").write_text("plots: ['*/named.png']\n")
    (work_tree / ".gitignore").write_text("*.env\n")
    (work_tree / "draw.py").write_text(DRAWS)

    sh("python draw.py small 20000")
    sh("python draw.py large 30000")

    large, small = runs()
    assert small.record.pointers == ()
    assert {one.path for one in large.record.pointers} == {
        *("large/a.png", "large/b.png", "large/plots", "large/mixed/c.png")
    }
    assert {"large/named.png", "large/log.txt", "large/plots.dvc"} <= set(large.entries)


def test_a_checkpoint_keeps_its_state_and_the_run_has_its_metrics(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text(
        "metrics: {trainer_state.json: 'out/**/trainer_state.json'}\n"
    )
    state = '{\\"log_history\\": [{\\"loss\\": 0.5, \\"step\\": 4}]}'
    made = 'cd out/checkpoint-4; echo 1 > model.safetensors; echo "{}" > config.json'

    sh(f'mkdir -p out/checkpoint-4; {made}; echo "{state}" > trainer_state.json')

    record = the_run().record
    assert record.metrics == {"trainer_state.json": {"loss": 0.5, "step": 4}}
    assert [one.path for one in record.pointers] == ["out/checkpoint-4"]


def test_where_a_run_writes_is_no_param(work_tree: Path, sh: Sh, runs: Runs) -> None:
    (work_tree / "gitexp.yaml").write_text("params: {args.yaml: 'runs/*/args.yaml'}\n")
    args = "name: {0}\\nsave_dir: $PWD/runs/{0}\\nlr: {1}\\n"

    for name, rate in (("train", 1), ("train2", 2)):
        sh(f'mkdir -p runs/{name}; printf "{args.format(name, rate)}" > runs/{name}/args.yaml')

    assert [run.record.params["args.yaml"] for run in runs()] == [{"lr": 2}, {"lr": 1}]
