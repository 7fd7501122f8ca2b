"""`gitexp apply`: a run in the work tree, and nobody's work lost by it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, dvc, only_once

MODEL = """\
from pathlib import Path

Path("model.joblib").write_bytes(Path("params.yaml").read_bytes() * 1000)
"""

CHANGES = """\
modified  metrics.json
data      model.joblib (18.0 kB)
modified  model.joblib.dvc
modified  params.yaml
"""


def state(git: Git, work_tree: Path) -> tuple[str, ...]:
    """Return all that applying must leave alone."""
    index = (work_tree / ".git" / "index").read_bytes().hex()
    return (
        git("symbolic-ref", "HEAD"),
        git("for-each-ref", "refs/heads"),
        index,
        git("stash", "list"),
    )


@pytest.fixture
def two_runs(gitexp: Gitexp, git: Git, work_tree: Path) -> None:
    """Run `low` with a rate of 0.1, then `high` with 0.2, each with a model."""

    def make() -> None:
        with (work_tree / "train.py").open("a") as file:
            file.write(MODEL)
        git("commit", "--quiet", "-am", "models")
        for name, rate in (("low", "0.1"), ("high", "0.2")):
            code, _, err = gitexp("run", "-n", name, "-S", f"rate={rate}")
            assert code == 0, err

    only_once("low and high", work_tree, make)


@pytest.mark.usefixtures("two_runs")
def test_apply_brings_params_metrics_pointers_and_data_of_a_run(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    before = state(git, work_tree)

    outcome = gitexp("apply", "low")

    assert outcome == (
        ExitCode.OK,
        CHANGES,
        "run 'low' is in the work tree\n",
    )
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert json.loads((work_tree / "metrics.json").read_text())["accuracy"] == 0.95
    assert (work_tree / "model.joblib").read_bytes().startswith(b"rate: 0.1")
    assert dvc("status").strip() == "Data and pipelines are up to date."
    assert state(git, work_tree) == before


@pytest.mark.usefixtures("two_runs")
def test_applying_twice_changes_nothing_the_second_time(gitexp: Gitexp) -> None:
    gitexp("apply", "low")

    assert gitexp("apply", "low") == (
        ExitCode.OK,
        "",
        "run 'low' is already in the work tree\n",
    )


@pytest.mark.usefixtures("two_runs")
def test_apply_refuses_to_overwrite_edits_and_lists_them(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.7\nseed: 1\n")
    (work_tree / "train.py").write_text("print('mine')\n")
    git("add", "train.py")
    (work_tree / "model.joblib").write_text("tuned by hand")
    before = state(git, work_tree)

    code, out, err = gitexp("apply", "low")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err == (
        "error: run 'low' would overwrite what is not committed:\n"
        "  params.yaml\n  train.py\n  model.joblib\n"
        "hint: Commit or stash it, or keep it under a recovery ref with `--force`.\n"
    )
    assert (work_tree / "params.yaml").read_text() == "rate: 0.7\nseed: 1\n"
    assert (work_tree / "model.joblib").read_text() == "tuned by hand"
    assert json.loads((work_tree / "metrics.json").read_text())["accuracy"] == 1.0
    assert state(git, work_tree) == before


@pytest.mark.usefixtures("two_runs")
def test_the_printed_undo_command_brings_back_what_force_overwrote(
    gitexp: Gitexp, git: Git, work_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    git("config", "commit.gpgSign", "true")  # by nobody: what is kept is no commit of the user's
    mine = {"params.yaml": "rate: 0.7\n", "train.py": "mine\n", "model.joblib": "tuned by hand"}
    for name, text in mine.items():
        (work_tree / name).unlink()
        (work_tree / name).write_text(text)
    before = state(git, work_tree)

    code, _, err = gitexp("apply", "low", "--force")
    applied = {name: (work_tree / name).read_text() for name in mine}
    undo = err.splitlines()[-1]
    subprocess.run(["bash", "-c", undo], check=True, capture_output=True)

    assert (code, "sign" in err) == (ExitCode.OK, False)
    assert git("log", "--format=%an", "--glob=refs/gitexp/recovery", "--not", "main") == "gitexp\n"
    assert re.match(r"  git restore --overlay --source=refs/gitexp/recovery/\d{8}T\d{6}Z ", undo)
    assert applied["params.yaml"] == "rate: 0.1\nseed: 1\n"
    assert {name: (work_tree / name).read_text() for name in mine} == mine
    assert state(git, work_tree) == before


@pytest.mark.usefixtures("two_runs")
def test_untracked_files_that_differ_are_edits_and_equal_ones_are_not(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "new.py").write_text("x = 1\n")
    (work_tree / "same.py").write_text("y = 1\n")
    gitexp("run", "-n", "third")
    (work_tree / "new.py").write_text("x = 2\n")

    code, _, err = gitexp("apply", "third")

    assert code == ExitCode.ERROR
    assert "  new.py\n" in err
    assert "same.py" not in err


@pytest.mark.usefixtures("two_runs")
def test_files_of_head_that_the_run_has_not_go_only_if_unmodified(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "lib").mkdir()
    for name in ("lib/later.py", "edited.py"):
        (work_tree / name).write_text("z = 1\n")
    git("add", "lib", "edited.py")
    git("commit", "--quiet", "-m", "later")
    (work_tree / "edited.py").write_text("z = 2\n")

    code, out, err = gitexp("apply", "low")

    assert code == ExitCode.OK
    assert "removed   lib/later.py\n" in out
    assert "note: 'edited.py' is not part of the run but was edited, so it stays\n" in err
    assert not (work_tree / "lib").exists()
    assert (work_tree / "edited.py").read_text() == "z = 2\n"


@pytest.mark.usefixtures("two_runs")
def test_no_code_leaves_code_alone_and_ignores_the_data(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    (work_tree / "train.py").write_text("print('mine')\n")
    (work_tree / "later.py").write_text("z = 1\n")
    git("add", "later.py")
    git("commit", "--quiet", "-m", "later")
    (work_tree / ".gitignore").write_text("__pycache__/\n")

    code, _, err = gitexp("apply", "low", "--no-code")

    assert code == ExitCode.OK, err
    assert (work_tree / "train.py").read_text() == "print('mine')\n"
    assert (work_tree / "later.py").exists()
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert (work_tree / ".gitignore").read_text() == "__pycache__/\n/model.joblib\n"


@pytest.mark.usefixtures("two_runs")
def test_a_dry_run_prints_the_plan_and_changes_nothing(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    before = git("status", "--porcelain"), (work_tree / "params.yaml").read_text()

    code, out, _ = gitexp("apply", "low", "--dry-run")

    assert code == ExitCode.OK
    assert "modified  params.yaml\n" in out
    assert (git("status", "--porcelain"), (work_tree / "params.yaml").read_text()) == before


@pytest.mark.usefixtures("two_runs")
def test_missing_data_is_named_and_the_rest_is_applied(gitexp: Gitexp, work_tree: Path) -> None:
    md5 = re.findall("md5: (.*)", (work_tree / "model.joblib.dvc").read_text())[0]
    gitexp("apply", "low")
    for path in (work_tree / ".dvc" / "cache").rglob(md5[2:]):
        path.unlink()

    code, _, err = gitexp("apply", "high")

    assert code == ExitCode.NO
    assert err == (
        f"warning: the data of 'model.joblib' is missing (md5 {md5})\n"
        "note: it is not in the DVC cache, and no DVC remote is set up\n"
        "run 'high' is in the work tree\n"
    )
    assert (work_tree / "params.yaml").read_text() == "rate: 0.2\nseed: 1\n"


@pytest.mark.usefixtures("two_runs")
def test_data_comes_from_the_remote_where_the_cache_has_it_not(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    dvc("remote", "add", "--local", "--default", "store", str(tmp_path / "store"))
    dvc("push", "--quiet")
    gitexp("apply", "low")
    shutil.rmtree(work_tree / ".dvc" / "cache" / "files")
    (work_tree / "model.joblib").unlink()

    code, _, err = gitexp("apply", "high")

    assert (code, err) == (ExitCode.OK, "run 'high' is in the work tree\n")
    assert (work_tree / "model.joblib").read_bytes().startswith(b"rate: 0.2")


@pytest.mark.usefixtures("two_runs")
def test_settings_that_were_committed_since_are_told_with_the_way_to_keep_them(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    settings = work_tree / "gitexp.yaml"
    text = "metrics: [metrics.json]\ncommand: python train.py\n"
    settings.write_text(text)
    git("add", "gitexp.yaml")
    git("commit", "--quiet", "-m", "settings")

    applied = gitexp("apply", "low")
    git("restore", "gitexp.yaml")

    [note] = [line for line in applied.err.splitlines() if "settings" in line]
    assert note == (
        "note: the settings are now those of the run, and yours were others; "
        "`git restore gitexp.yaml` brings yours back"
    )
    assert settings.read_text() == text
    assert "settings" not in gitexp("apply", "high", "--no-code").err
