"""Runs started by runs: which of them are recorded, and what is said of the others."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.workshop import Git, Gitexp, NewRepository, commit_all, has_ended, write

GITEXP = f"{sys.executable} -m gitexp"
OTHER = {"params.yaml": "n: 1\n"}


def names(git: Git, top: Path) -> list[str]:
    """Return the names of the runs of a repository, newest first."""
    lines = git("log", "--format=%s", "experiments", cwd=top).splitlines()
    return [line.partition(":")[0] for line in lines[:-1]]


def test_a_run_in_another_repository_is_recorded_there(
    work_tree: Path, new_repository: NewRepository, gitexp: Gitexp, git: Git
) -> None:
    other = new_repository("other", OTHER)
    script = f"{GITEXP} -C {other} run -n inner -- sh -c 'echo {{}} > metrics.json'"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", script)

    assert result.code == 0
    assert "inner: done" in result.err
    assert names(git, other) == ["inner"]
    assert names(git, work_tree) == ["outer"]


def test_a_run_in_a_run_in_another_repository_in_a_run_belongs_to_the_outermost(
    work_tree: Path, new_repository: NewRepository, gitexp: Gitexp, git: Git
) -> None:
    other = new_repository("other", OTHER)
    innermost = f"{GITEXP} -C {work_tree} run -n innermost -- sh -c 'echo 1 > out.txt'"
    inner = f"{GITEXP} -C {other} run -n inner -- sh -c {shlex.quote(innermost)}"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", inner)

    assert result.code == 0, result.err
    assert "note: 'innermost' is not recorded by itself: it is part of run 'outer'" in result.err
    assert names(git, other) == ["inner"]
    assert names(git, work_tree) == ["outer"]
    assert (work_tree / "out.txt").read_text() == "1\n"


def test_a_process_knows_all_runs_that_it_is_in(
    work_tree: Path, new_repository: NewRepository, gitexp: Gitexp, git: Git
) -> None:
    other = new_repository("other", OTHER)
    inner = f"{GITEXP} -C {other} run -- sh -c 'echo $GITEXP_OUTER_RUN_IDS'"

    result = gitexp("run", "--", "sh", "-c", f"echo $GITEXP_RUN_ID; {inner}")

    mine, outer = result.out.split()
    assert mine == outer
    assert f"Gitexp-Run: {mine}" in git("log", "-1", "experiments", cwd=work_tree)


@pytest.mark.parametrize("mark", ["", "nonsense", "../../etc", "0123456789", " ", "ein Lauf"])
@pytest.mark.usefixtures("work_tree")
def test_a_mark_that_is_of_no_run_is_no_reason_not_to_record(
    gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch, work_tree: Path, mark: str
) -> None:
    monkeypatch.setenv("GITEXP_RUN_ID", mark)

    result = gitexp("run", "-n", "one", "--", "true")

    assert (result.code, names(git, work_tree)) == (0, ["one"])
    assert "not recorded" not in result.err


def test_a_mark_of_a_run_that_is_over_is_no_reason_not_to_record_or_save(
    work_tree: Path, gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = gitexp("run", "-n", "over", "--", "sh", "-c", "echo $GITEXP_RUN_ID").out.strip()
    monkeypatch.setenv("GITEXP_RUN_ID", mark)
    monkeypatch.setenv("GITEXP_OUTER_RUN_IDS", "nonsense")

    result = gitexp("run", "-n", "next", "--", "sh", "-c", "echo [$GITEXP_OUTER_RUN_IDS]")
    gitexp("save", "-n", "saved")

    assert result.out == "[]\n"
    assert names(git, work_tree) == ["saved", "next", "over"]


def test_a_mark_of_a_run_that_was_killed_is_recovered_first_and_then_recorded(
    work_tree: Path, gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "echo $$ $GITEXP_RUN_ID > mark; exec sleep 1000"
    command = [sys.executable, "-m", "gitexp", "run", "-n", "killed", "--", "sh", "-c", line]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        while not (work_tree / "mark").exists() or not (work_tree / "mark").read_text():
            assert process.poll() is None
            time.sleep(0.01)
        pid, mark = (work_tree / "mark").read_text().split()
        child = psutil.Process(int(pid))
        process.send_signal(signal.SIGKILL)
        process.wait()
        monkeypatch.setenv("GITEXP_RUN_ID", mark)
        child.kill()
        assert has_ended(child.pid)

    result = gitexp("run", "-n", "next", "--", "true")

    assert "recovered killed" in result.err
    assert names(git, work_tree) == ["next", "killed"]


MONOREPO = {
    "a/gitexp.yaml": "",
    "a/params.yaml": "n: 1\n",
    "b/gitexp.yaml": "",
    "b/params.yaml": "n: 2\n",
}


def test_a_run_of_another_project_of_the_repository_is_recorded_too(
    new_repository: NewRepository, gitexp: Gitexp, git: Git
) -> None:
    top = new_repository("mono", MONOREPO)
    inner = f"{GITEXP} -C ../b run -n inner -S n=3 -- sh -c 'echo {{}} > metrics.json'"
    line = f"{inner} && echo '{{\"x\": 1}}' > metrics.json"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", line, cwd=top / "a")

    assert result.code == 0, result.err
    assert names(git, top) == ["outer", "inner"]
    assert (top / "b" / "params.yaml").read_text() == "n: 3\n"
    assert "outer: x 1" in result.err


def test_a_run_of_a_project_inside_the_project_is_part_of_the_outer_run(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    write(work_tree, {"part/gitexp.yaml": "", "part/params.yaml": "n: 1\n"})
    commit_all(work_tree, "a part")
    inner = f"{GITEXP} -C part run -- sh -c 'echo 1 > out.txt'"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", inner)

    assert "note: this run is not recorded by itself: it is part of run 'outer'" in result.err
    assert names(git, work_tree) == ["outer"]


def test_a_run_in_another_work_tree_of_the_repository_is_recorded(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    git("worktree", "add", "--quiet", "../linked", cwd=work_tree)
    inner = f"{GITEXP} -C ../linked run -n inner -- true"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", inner)

    assert result.code == 0, result.err
    assert sorted(names(git, work_tree)) == ["inner", "outer"]


def test_a_run_inside_a_copy_is_part_of_the_run_in_the_copy(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    inner = f"{GITEXP} run -n inner -- sh -c 'echo {{}} > metrics.json'"

    result = gitexp("run", "--temp", "-n", "outer", "--", "sh", "-c", inner)

    assert "note: 'inner' is not recorded by itself: it is part of run 'outer'" in result.err
    assert names(git, work_tree) == ["outer"]


def test_a_run_in_a_container_that_has_the_work_tree_elsewhere_is_part_of_the_run(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    journal = work_tree / ".git" / "gitexp" / "journal"
    elsewhere = f"sed -i s,{work_tree},/nowhere/work, {journal}/*.json"

    result = gitexp("run", "-n", "outer", "--", "sh", "-c", f"{elsewhere}; {GITEXP} run -- true")

    assert "it is part of run 'outer'" in result.err
    assert names(git, work_tree) == ["outer"]


def test_a_dry_run_inside_a_run_runs_nothing(work_tree: Path, gitexp: Gitexp) -> None:
    inner = f"{GITEXP} run --dry-run -- touch ran"

    result = gitexp("run", "--", "sh", "-c", inner)

    assert result.out == "command   touch ran\n"
    assert not (work_tree / "ran").exists()


@pytest.mark.parametrize(("rank", "said"), [("1", True), ("2", False)])
def test_one_rank_alone_says_that_it_does_not_record(
    work_tree: Path, git: Git, monkeypatch: pytest.MonkeyPatch, rank: str, said: bool
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", "3")

    ended = subprocess.run(
        [sys.executable, "-m", "gitexp", "run", "-n", "many", "--", "true"],
        cwd=work_tree,
        capture_output=True,
        text=True,
        check=True,
    )

    line = "note: 'many' is not recorded by this process (RANK=1): the one of rank 0 does that\n"
    assert ended.stderr == (line if said else "")
    assert git("branch", "--list", "experiments", cwd=work_tree) == ""


def test_ranks_inside_a_run_of_another_repository_leave_the_record_to_rank_zero(
    work_tree: Path, new_repository: NewRepository, gitexp: Gitexp, git: Git
) -> None:
    other = new_repository("other", OTHER)
    line = f"WORLD_SIZE=2 RANK=$rank {GITEXP} -C {other} run -n of-$rank -- true"

    gitexp("run", "--", "sh", "-c", f"for rank in 0 1; do {line}; done")

    assert names(git, other) == ["of-0"]
    assert work_tree.exists()
