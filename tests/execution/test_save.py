"""What is recorded of a work tree as it stands."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.execution.workshop import Eventually, Leftovers, Runs, Sh, StartGitexp, TheRun
from tests.workshop import Git, Gitexp


@pytest.fixture
def worked_in(work_tree: Path) -> Path:
    """A project in which a notebook has been at work."""
    (work_tree / "params.yaml").write_text("rate: 0.3\nseed: 1\n")
    (work_tree / "metrics.json").write_text('{"loss": 0.25}\n')
    (work_tree / "model.joblib").write_bytes(b"model")
    (work_tree / "note.txt").write_text("a note\n")
    return work_tree


def test_a_save_records_metrics_params_and_models_as_they_are(
    worked_in: Path, gitexp: Gitexp, the_run: TheRun, leftovers: Leftovers, git: Git
) -> None:
    head, index = git("rev-parse", "HEAD"), git("ls-files", "--stage")

    result = gitexp("save", "-n", "notebook", "-m", "the best cell")

    run = the_run()
    assert result.code == 0, result.err
    assert run.subject == "notebook: loss 0.25"
    assert (run.record.status, run.record.command, run.record.exit.code) == ("done", (), 0)
    assert run.record.started == run.record.ended
    assert run.record.message == "the best cell"
    assert run.record.params == {"params.yaml": {"rate": 0.3, "seed": 1}}
    assert run.record.metrics == {"metrics.json": {"loss": 0.25}}
    assert run.record.outputs == ("metrics.json", "model.joblib")
    assert run.record.overwritten == ()
    assert [(one.path, one.role) for one in run.record.pointers] == [("model.joblib", "output")]
    assert run.entries.keys() >= {"metrics.json", "model.joblib.dvc", "note.txt", "train.py"}
    assert "model.joblib" not in run.entries
    assert run.text(".gitexp/output.log") == ""
    assert "Gitexp-Command" not in git("show", "-s", run.oid)
    assert (worked_in / "model.joblib").read_bytes() == b"model"
    assert (git("rev-parse", "HEAD"), git("ls-files", "--stage")) == (head, index)
    assert leftovers() == []


def test_two_saves_of_the_same_state_have_the_same_inputs_and_results(
    worked_in: Path, gitexp: Gitexp, runs: Runs
) -> None:
    gitexp("save")
    (worked_in / "metrics.json").write_text('{"loss": 0.5}\n')
    gitexp("save")
    (worked_in / "train.py").write_text("changed = 1\n")
    gitexp("save")

    third, second, first = (run.record for run in runs())
    assert first.inputs.oid == second.inputs.oid != third.inputs.oid
    assert first.pointers == second.pointers == third.pointers
    assert third.outputs == second.outputs == first.outputs
    assert second.metrics == {"metrics.json": {"loss": 0.5}}


def test_a_model_that_changed_behind_its_pointer_is_saved_as_it_is_now(
    worked_in: Path, gitexp: Gitexp, runs: Runs
) -> None:
    gitexp("save")
    (worked_in / "model.joblib").unlink()
    (worked_in / "model.joblib").write_bytes(b"another model")

    gitexp("save")

    new, old = (run.record.pointers[0] for run in runs())
    assert (new.role, new.size, new.changed) == ("output", 13, False)
    assert new.md5 != old.md5
    assert new.md5 in (worked_in / "model.joblib.dvc").read_text()


def test_what_is_too_large_for_git_goes_behind_a_pointer(
    worked_in: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (worked_in / "gitexp.yaml").write_text("max_file_size: 1KB\n")
    (worked_in / "table.csv").write_text("1\n" * 1000)

    result = gitexp("save")

    assert "table.csv" not in result.err
    assert the_run().record.left_out == ()
    assert {one.path for one in the_run().record.pointers} == {"model.joblib", "table.csv"}
    assert "table.csv.dvc" in the_run().entries


def test_an_ignored_model_that_nothing_names_is_told(
    worked_in: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (worked_in / ".gitignore").write_text("model.joblib\n")

    result = gitexp("save")

    assert "note: 'model.joblib' is not recorded, because git ignores it" in result.err
    assert the_run().record.pointers == ()


def test_a_secret_is_not_saved(
    worked_in: Path, gitexp: Gitexp, leftovers: Leftovers, runs: Runs
) -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rT1vW4yZ7bC0fG3hJ6"
    (worked_in / "note.txt").write_text(f"token = '{token}'\n")

    result = gitexp("save")

    assert result.code == 2
    assert "a secret would enter history: note.txt" in result.err
    assert runs() == []
    assert leftovers() == []


def test_a_work_tree_in_which_a_command_runs_is_not_saved(
    worked_in: Path, gitexp: Gitexp, start_gitexp: StartGitexp, eventually: Eventually
) -> None:
    start_gitexp("run", "-n", "busy", "--", "sh", "-c", "touch begun; sleep 1000")
    eventually((worked_in / "begun").exists)

    result = gitexp("save")

    assert result.code == 2
    assert "run 'busy' is under way in this work tree" in result.err


def test_inside_of_a_run_nothing_is_saved_twice(worked_in: Path, sh: Sh, runs: Runs) -> None:
    result = sh("python -m gitexp save -n inner", "-n", "outer")

    assert result.code == 0, result.err
    assert "nothing is saved inside run 'outer'" in result.err
    assert [run.record.name for run in runs()] == ["outer"]
    assert worked_in.exists()


def test_a_save_that_was_killed_leaves_nothing_behind(
    worked_in: Path,
    git: Git,
    gitexp: Gitexp,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    leftovers: Leftovers,
) -> None:
    os.mkfifo(worked_in / "hook")
    git("config", "filter.slow.clean", f"cat {worked_in}/hook")
    (worked_in / ".gitattributes").write_text("note.txt filter=slow\n")
    saving = start_gitexp("save", start_new_session=True)
    eventually(lambda: leftovers() != [])
    time.sleep(0.1)
    os.killpg(saving.pid, signal.SIGKILL)
    saving.wait()
    git("config", "--unset", "filter.slow.clean")

    result = gitexp("ls", "--json")

    assert (result.code, json.loads(result.out)) == (0, [])
    assert leftovers() == []
