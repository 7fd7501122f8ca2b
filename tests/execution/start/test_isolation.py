"""`gitexp run --temp`: in a copy of the work tree, which itself does not change at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.execution.workshop import (
    BehindPointer,
    Eventually,
    Leftovers,
    Runs,
    Sh,
    StartGitexp,
    TheRun,
    wait_for,
)
from tests.workshop import Git, Gitexp


@pytest.fixture
def temp(gitexp: Gitexp) -> Sh:
    """Run a line of shell in a copy: `temp("echo 1 > out.txt", "-n", "first")`."""
    return lambda line, *options: gitexp("run", "--temp", *options, "--", "sh", "-c", line)


def everything(top: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file of a work tree with its times and content, and the index."""
    files = [
        path
        for path in top.rglob("*")
        if path.is_file() and {".git", "cache", "tmp"}.isdisjoint(path.parts)
    ]
    return {
        str(path): (path.lstat().st_mtime_ns, path.read_bytes())
        for path in (*files, top / ".git" / "index", top / ".git" / "HEAD")
    }


def test_the_work_tree_does_not_change_at_all(
    work_tree: Path,
    temp: Sh,
    git: Git,
    the_run: TheRun,
    leftovers: Leftovers,
    behind_pointer: BehindPointer,
) -> None:
    (work_tree / "data.csv").write_text("1\n2\n")
    behind_pointer("data.csv")
    (work_tree / "train.py").write_text("print('staged')\n")
    git("add", "train.py")
    (work_tree / "train.py").write_text("print('edited')\n")
    (work_tree / "new.py").write_text("x = 1\n")
    before = everything(work_tree)

    result = temp(
        "cat data.csv new.py train.py params.yaml; git status --porcelain > state.txt;"
        "echo '{\"loss\": 1}' > metrics.json; echo w > model.pt; echo 3 >> data.csv",
        "-S",
        "rate=0.7",
    )

    assert result.code == 0, result.err
    assert result.out == "1\n2\nx = 1\nprint('edited')\nrate: 0.7\nseed: 1\n"
    assert everything(work_tree) == before
    run = the_run()
    assert run.record.metrics == {"metrics.json": {"loss": 1}}
    assert run.record.params["params.yaml"]["rate"] == 0.7
    assert {p.path: p.role for p in run.record.pointers} == {
        "data.csv": "output",
        "model.pt": "output",
    }
    assert "MM train.py" in run.text("state.txt")
    assert leftovers() == []


def test_a_command_that_writes_to_its_data_does_not_damage_the_cache(
    work_tree: Path, temp: Sh, behind_pointer: BehindPointer
) -> None:
    (work_tree / "data.csv").write_text("1\n")
    behind_pointer("data.csv")
    cache = work_tree / ".dvc" / "cache" / "files" / "md5"
    [cached] = [path for path in cache.rglob("*") if path.is_file()]

    temp("echo damage > data.csv")

    assert cached.read_text() == "1\n"
    assert (work_tree / "data.csv").read_text() == "1\n"


def test_the_same_experiment_has_the_same_inputs_in_a_copy(sh: Sh, temp: Sh, runs: Runs) -> None:
    line = "echo '{\"loss\": 1}' > metrics.json; echo 1 > scratch.txt; echo w > model.pt"

    assert [run(line).code for run in (sh, temp, sh)] == [0, 0, 0]

    assert len({run.record.inputs.oid for run in runs()}) == 1


def test_nothing_of_an_earlier_run_is_left_in_the_copy(
    work_tree: Path, temp: Sh, the_run: TheRun
) -> None:
    (work_tree / ".gitignore").write_text("cache/\n")
    temp("mkdir cache; touch cache/old old.txt; echo x >> train.py")

    temp("ls -A; cat train.py > seen.txt")

    listed = the_run().text(".gitexp/output.log").split()
    assert listed == [".git", ".gitignore", "params.yaml", "train.py"]
    assert the_run().text("seen.txt") == (work_tree / "train.py").read_text()


def test_a_copied_project_records_its_own_runs(
    work_tree: Path, gitexp: Gitexp, temp: Sh, git: Git, tmp_path: Path
) -> None:
    temp("true", "-n", "before")
    tip = git("rev-parse", "experiments")
    other = tmp_path / "copied"
    shutil.copytree(work_tree, other, symlinks=True)

    ended = gitexp("-C", str(other), "run", "--temp", "-n", "after", "--", "true")

    assert ended.code == 0
    assert git("rev-parse", "experiments") == tip
    assert git("rev-parse", "experiments~1", cwd=other) == tip
    assert git("log", "-1", "--format=%s", "experiments", cwd=other).startswith("after")


def test_ignored_files_that_are_needed_are_copied(
    work_tree: Path, temp: Sh, the_run: TheRun
) -> None:
    (work_tree / ".gitignore").write_text("secret.ini\nlocal/\n")
    (work_tree / "secret.ini").write_text("mine\n")
    (work_tree / "local").mkdir()
    (work_tree / "local" / "a.txt").write_text("a\n")

    temp("cat secret.ini local/a.txt > seen.txt", "-C", "secret.ini", "--copy", "local")
    missing = temp("true", "-C", "nothing")

    assert the_run().text("seen.txt") == "mine\na\n"
    assert "secret.ini" not in the_run().files()
    assert (missing.code, missing.err) == (125, "error: no file or folder 'nothing' to copy\n")


def test_a_project_in_a_folder_runs_where_it_was_called(
    work_tree: Path, gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work_tree / "nets").mkdir()
    (work_tree / "nets" / "gitexp.yaml").write_text("{}\n")
    (work_tree / "lib.py").write_text("shared = 1\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "nets")
    monkeypatch.chdir(work_tree / "nets")

    result = gitexp("run", "--temp", "--", "sh", "-c", "basename $PWD; ls ..; touch out.txt")

    assert result.out.split()[0] == "nets"
    assert "lib.py" in result.out
    assert (
        "nets/out.txt" in git("ls-tree", "-r", "--name-only", "experiments", cwd=work_tree).split()
    )


def test_two_at_once_do_not_meet(
    start_gitexp: StartGitexp, runs: Runs, leftovers: Leftovers
) -> None:
    line = "touch here-$0; sleep 0.3; ls here-* > seen.txt"

    both = [start_gitexp("run", "--temp", "--", "sh", "-c", line, name) for name in "ab"]

    assert [process.wait() for process in both] == [0, 0]
    assert sorted(run.text("seen.txt") for run in runs()) == ["here-a\n", "here-b\n"]
    assert leftovers() == []


def test_a_model_outlives_its_copy_where_dvc_was_not_set_up(
    work_tree: Path, temp: Sh, the_run: TheRun
) -> None:
    temp("echo w > model.pt")

    [pointer] = the_run().record.pointers
    cached = work_tree / ".dvc/cache/files/md5" / pointer.md5[:2] / pointer.md5[2:]
    assert cached.read_text() == "w\n"
    assert not (work_tree / "model.pt").exists()


def test_an_editable_package_runs_as_it_was_at_the_start(
    work_tree: Path, temp: Sh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work_tree / "src" / "mine").mkdir(parents=True)
    (work_tree / "src" / "mine" / "__init__.py").write_text("where = __file__\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    [site] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (site / "__editable__.mine-1.pth").write_text(f"{work_tree / 'src'}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}")

    result = temp("python -c 'import mine; print(mine.where)'")

    assert "/gitexp/work/" in result.out


def test_a_run_in_a_copy_that_was_killed_is_recovered_from_it(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    gitexp: Gitexp,
    temp: Sh,
    runs: Runs,
    leftovers: Leftovers,
) -> None:
    line = f"echo '{{\"loss\": 1}}' > metrics.json; touch {work_tree}/.git/begun; exec sleep 1000"
    victim = start_gitexp("run", "--temp", "-n", "victim", "--", "sh", "-c", line)
    eventually((work_tree / ".git" / "begun").exists)
    family = psutil.Process(victim.pid).children(recursive=True)
    victim.kill()
    victim.wait()
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):  # git's reader ends with its parent
            process.kill()
    for process in family:
        wait_for(process)

    listed = gitexp("ls")

    assert "recovered victim" in listed.err
    assert runs()[0].record.metrics == {"metrics.json": {"loss": 1}}
    assert temp("true").code == 0
    assert leftovers() == []


def test_a_second_run_in_a_busy_work_tree_may_wait(
    work_tree: Path, start_gitexp: StartGitexp, eventually: Eventually, gitexp: Gitexp, runs: Runs
) -> None:
    line = "touch begun; while [ ! -e end ]; do sleep 0.02; done"
    first = start_gitexp("run", "-n", "first", "--", "sh", "-c", line)
    eventually((work_tree / "begun").exists)

    refused = gitexp("run", "--", "true")
    waiting = start_gitexp("run", "--wait", "-n", "second", "--", "true")
    (work_tree / "end").touch()

    assert (first.wait(), waiting.wait()) == (0, 0)
    assert refused.code == 125
    assert "`--temp`" in refused.err
    assert [run.record.name for run in runs()] == ["second", "first"]


@pytest.mark.parametrize("options", [(), ("--no-temp",), ("--temp",)], ids=" ".join)
def test_the_tasks_of_an_array_run_in_copies_unless_told_otherwise(
    work_tree: Path,
    gitexp: Gitexp,
    runs: Runs,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
) -> None:
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")

    result = gitexp("run", *options, "-n", "task", "--", "sh", "-c", "echo x > out.txt")

    told = "note: array task SLURM_ARRAY_TASK_ID=3 runs in a copy of the work tree"
    assert result.code == 0
    assert (told in result.err) == (options == ())
    assert (work_tree / "out.txt").exists() == (options == ("--no-temp",))
    assert [run.record.outputs for run in runs()] == [("out.txt",)]


def test_submodules_are_in_the_copy_at_the_commit_that_is_checked_out(
    work_tree: Path, tmp_path: Path, git: Git, temp: Sh, runs: Runs
) -> None:
    allow = ("-c", "protocol.file.allow=always")
    for name, inner in (("deep", None), ("lib", "deep")):
        git("init", "--quiet", tmp_path / name)
        (tmp_path / name / "code ü.py").write_text(f"{name}\n")
        if inner:
            git(*allow, "submodule", "--quiet", "add", tmp_path / inner, cwd=tmp_path / name)
        git("add", "--all", cwd=tmp_path / name)
        git("commit", "--quiet", "-m", name, cwd=tmp_path / name)
    git(*allow, "submodule", "--quiet", "add", tmp_path / "lib", "lib")
    git(*allow, "submodule", "--quiet", "update", "--init", "--recursive")
    git("commit", "--quiet", "-m", "a submodule")
    (work_tree / "lib" / "code ü.py").write_text("moved on\n")
    git("commit", "--quiet", "--all", "-m", "moved on", cwd=work_tree / "lib")
    (work_tree / "lib" / "code ü.py").write_text("uncommitted\n")
    before = everything(work_tree)

    first = temp("cat lib/code* lib/deep/code*; touch lib/left", "-n", "first")
    second = temp("ls -A lib lib/deep", "-n", "second")

    assert (first.out, second.out) == (
        "moved on\ndeep\n",
        "lib:\n.gitmodules\ncode ü.py\ndeep\n\nlib/deep:\ncode ü.py\n",
    )
    assert "'lib' has changes that are not committed there" in first.err
    commit = git("rev-parse", "HEAD", cwd=work_tree / "lib").strip()
    assert [run.entries["lib"] for run in runs()] == [("160000", commit)] * 2
    assert [path for run in runs() for path in run.entries if path.startswith("lib/")] == []
    assert everything(work_tree) == before
