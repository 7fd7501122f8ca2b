"""Applying runs where it is hard: pipelines, subfolders, odd files, and work in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.handover.workshop import Make
from tests.workshop import Git, Gitexp, dvc

STAGE = """\
from pathlib import Path
Path("out").mkdir(exist_ok=True)
Path("out/m.txt").write_text(Path("params.yaml").read_text() * 2)
"""
PIPELINE = {
    "train.py": STAGE,
    "params.yaml": "rate: 0.1\n",
    "dvc.yaml": "stages:\n  train: {cmd: python train.py, params: [rate], outs: [out]}\n",
}
TRAIN = """\
from pathlib import Path
Path("metrics.json").write_text('{"acc": ' + Path("params.yaml").read_text().split()[1] + "}")
Path("ck pt").mkdir(exist_ok=True)
Path("ck pt/ü.txt").write_text(Path("params.yaml").read_text())
"""
MONOREPO = {
    "pröj a/train.py": TRAIN,
    "pröj a/params.yaml": "rate: 0.1\n",
    "pröj a/gitexp.yaml": 'command: python train.py\nshared: [../libs]\ntrack: ["ck pt/"]\n',
    "pröj a/src/model.py": "y = 1\n",
    "libs/lib.py": "x = 1\n",
    "other/file.txt": "theirs\n",
}


def record(gitexp: Gitexp, **rates: str) -> None:
    for name, rate in rates.items():
        code, _, err = gitexp("run", "-n", name, "-S", f"rate={rate}")
        assert code == 0, err


@pytest.fixture
def pipeline(make: Make, gitexp: Gitexp) -> Path:
    """Run a DVC pipeline as `low` and as `high`."""
    top = make({**PIPELINE, "gitexp.yaml": "command: dvc repro --quiet\nmetrics: []\n"})
    dvc("init", "--quiet")
    record(gitexp, low="0.1", high="0.2")
    return top


@pytest.fixture
def monorepo(make: Make, gitexp: Gitexp) -> Path:
    """Run a project in a subfolder as `low` and as `high`; it is the current directory."""
    top = make(MONOREPO, "pröj a")
    record(gitexp, low="0.1", high="0.2")
    return top


def test_outputs_of_a_pipeline_come_with_its_lock(gitexp: Gitexp, pipeline: Path) -> None:
    code, out, err = gitexp("apply", "low")

    assert code == ExitCode.OK, err
    assert out.splitlines() == [
        "modified  dvc.lock",
        "data      out (20 B)",
        "modified  params.yaml",
    ]
    assert (pipeline / "out" / "m.txt").read_text() == "rate: 0.1\n" * 2
    assert dvc("status").strip() == "Data and pipelines are up to date."


def test_an_edited_output_of_a_stage_is_kept_by_force_and_comes_back(
    gitexp: Gitexp, pipeline: Path
) -> None:
    (pipeline / "out" / "m.txt").unlink()
    (pipeline / "out" / "m.txt").write_text("tuned by hand")

    refused = gitexp("apply", "low")
    forced = gitexp("apply", "low", "--force")
    applied = (pipeline / "out" / "m.txt").read_text()
    subprocess.run(["bash", "-c", forced[2].splitlines()[-1]], check=True, capture_output=True)

    assert (refused[0], "\n  out\n" in refused[2]) == (ExitCode.ERROR, True)
    assert (forced[0], applied) == (ExitCode.OK, "rate: 0.1\n" * 2)
    assert (pipeline / "out" / "m.txt").read_text() == "tuned by hand"
    assert (pipeline / "params.yaml").read_text() == "rate: 0.2\n"


def test_a_subfolder_and_its_shared_folder_are_applied_and_no_other(
    gitexp: Gitexp, monorepo: Path
) -> None:
    (monorepo / "libs" / "lib.py").write_text("x = 2\n")
    (monorepo / "other" / "file.txt").write_text("edited\n")

    refused = gitexp("apply", "low")
    code, out, _ = gitexp("apply", "low", "--force")

    assert refused[0] == ExitCode.ERROR
    assert "\n  ../libs/lib.py\nhint" in refused[2]
    assert code == ExitCode.OK
    assert "modified  ../libs/lib.py\n" in out
    assert (monorepo / "libs" / "lib.py").read_text() == "x = 1\n"
    assert (monorepo / "other" / "file.txt").read_text() == "edited\n"
    assert Path("ck pt/ü.txt").read_text() == "rate: 0.1\n"


@pytest.mark.usefixtures("monorepo")
def test_a_file_put_into_a_folder_of_data_is_an_edit(gitexp: Gitexp) -> None:
    Path("ck pt/mine.txt").write_text("mine")

    code, _, err = gitexp("apply", "low")

    assert code == ExitCode.ERROR
    assert "\n  ck pt\n" in err
    assert Path("ck pt/mine.txt").read_text() == "mine"


@pytest.mark.usefixtures("monorepo")
def test_nothing_is_written_through_a_link_or_over_a_folder(gitexp: Gitexp, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Path("src/model.py").unlink()
    Path("src").rmdir()
    Path("src").symlink_to(tmp_path / "elsewhere")
    Path("train.py").unlink()
    Path("train.py").mkdir()
    Path("train.py/mine").write_text("mine")

    code, out, err = gitexp("apply", "low", "--force")

    assert (code, out) == (ExitCode.ERROR, "")
    assert "cannot be kept:\n" in err
    assert "  src/model.py\n" in err
    assert "  train.py\n" in err
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert Path("train.py/mine").read_text() == "mine"


def test_links_modes_and_line_ends_are_as_git_checks_them_out(
    make: Make, gitexp: Gitexp, git: Git
) -> None:
    top = make({"params.yaml": "rate: 0.1\n", "run.sh": "#!/bin/sh\n"})
    git("config", "core.autocrlf", "true")
    (top / "run.sh").chmod(0o755)
    (top / "link").symlink_to("run.sh")
    gitexp("run", "-n", "one", "true")
    (top / "link").unlink()
    (top / "run.sh").unlink()
    (top / "params.yaml").unlink()

    code, out, _ = gitexp("apply", "one")

    assert (code, out) == (
        ExitCode.OK,
        "added     link\nadded     params.yaml\nadded     run.sh\n",
    )
    assert (top / "link").readlink() == Path("run.sh")
    assert os.access(top / "run.sh", os.X_OK)
    assert (top / "params.yaml").read_bytes() == b"rate: 0.1\r\n"


def test_nothing_is_applied_while_a_run_is_under_way(make: Make, gitexp: Gitexp) -> None:
    make({"params.yaml": "rate: 0.1\n"})
    record_one = "gitexp run -n one true"
    subprocess.run(record_one.split(), check=True, capture_output=True)
    inner = f"{sys.executable} -m gitexp apply one"

    code, _, err = gitexp("run", "-n", "outer", inner)

    assert code == ExitCode.ERROR
    assert "error: run 'outer' is under way in this work tree\n" in err


def test_what_a_sparse_checkout_leaves_out_stays_out(make: Make, gitexp: Gitexp, git: Git) -> None:
    top = make({"params.yaml": "rate: 0.1\n", "big/file.txt": "x\n", "small/file.txt": "x\n"})
    for name, rate in (("low", "0.1"), ("high", "0.2")):
        gitexp("run", "-n", name, "-S", f"rate={rate}", "true")
    git("stash")
    git("sparse-checkout", "init", "--cone")  # what `set` does by itself since git 2.35
    git("sparse-checkout", "set", "small")

    code, out, err = gitexp("apply", "high")

    assert (code, out) == (ExitCode.OK, "modified  params.yaml\n"), err
    assert not (top / "big").exists()


def test_a_filter_that_fails_costs_no_edit(make: Make, gitexp: Gitexp, git: Git) -> None:
    top = make(
        {"params.yaml": "rate: 0.1\n", "a.bin": "one\n", ".gitattributes": "*.bin filter=f\n"}
    )
    gitexp("run", "-n", "one", "true")
    (top / "a.bin").write_text("mine\n")
    git("config", "filter.f.smudge", "false")
    git("config", "filter.f.required", "true")
    git("config", "filter.f.clean", "cat")

    code, _, err = gitexp("apply", "one", "--force")

    assert code == ExitCode.ERROR
    assert "only a part of run 'one' is in the work tree" in err
    [ref] = git("for-each-ref", "--format=%(refname)", "refs/gitexp/recovery").split()
    assert (
        f"hint: Bring back what was overwritten with `git restore --overlay --source={ref}" in err
    )
    assert git("show", f"{ref}:a.bin") == "mine\n"


def test_a_submodule_that_stays_at_another_commit_is_named(
    make: Make, git: Git, gitexp: Gitexp
) -> None:
    top = make({"params.yaml": "rate: 1\n", "lib/x.txt": "1\n"})
    git("rm", "-r", "--cached", "--quiet", "lib")
    git("init", "--quiet", "lib")
    for name in ("one", "two"):
        git("add", "--all", cwd=top / "lib")
        git("commit", "--quiet", "--allow-empty", "-m", name, cwd=top / "lib")
    git("add", "lib")
    git("commit", "--quiet", "-m", "lib")
    oid = git("rev-parse", "HEAD", cwd=top / "lib").strip()
    assert gitexp("run", "-n", "one", "--", "true").code == 0
    assert "stays at its commit" not in gitexp("apply", "one").err
    git("checkout", "--quiet", "HEAD~1", cwd=top / "lib")

    applied = gitexp("apply", "one")

    assert applied.code == ExitCode.OK
    assert f"note: 'lib' stays at its commit, and the run had it at {oid[:10]};" in applied.err
    assert f"`git -C lib checkout {oid[:10]}` brings it there" in applied.err
