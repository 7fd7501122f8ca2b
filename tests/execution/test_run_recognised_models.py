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
