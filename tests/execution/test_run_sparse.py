"""A sparse checkout says what git checks out, not what a run is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.errors import RunExitCode

from tests.execution.workshop import BehindPointer, Sh, TheRun
from tests.workshop import Git, Gitexp

SETTINGS = "params: [conf/params.yaml]\nmetrics: [conf/metrics.json]\n"
CONES = [("--cone",), ("--cone", "--sparse-index"), ("--no-cone",)]


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        "gitexp.yaml": SETTINGS,
        "src/train.py": "print(1)\n",
        "conf/params.yaml": "rate: 1\n",
        "conf/metrics.json": '{"loss": 0}\n',
        "conf/old.py": "x = 1\n",
        "big/file.txt": "x\n",
    }


@pytest.fixture(params=CONES, ids=" ".join)
def outside(work_tree: Path, git: Git, request: pytest.FixtureRequest) -> Path:
    """The folder `conf`, which the sparse checkout leaves out."""
    places = ("/src/", "/gitexp.yaml") if "--no-cone" in request.param else ("src",)
    git("sparse-checkout", "set", *request.param, *places)
    assert not (work_tree / "conf").exists()
    (work_tree / "conf").mkdir()
    return work_tree / "conf"


def test_what_lies_outside_of_the_cone_is_recorded(outside: Path, sh: Sh, the_run: TheRun) -> None:
    (outside / "params.yaml").write_text("rate: 5\n")
    (outside / "new.py").write_text("y = 2\n")

    result = sh("echo '{\"loss\": 9}' > conf/metrics.json; echo 1 > conf/out.txt")

    assert result.code == 0, result.err
    assert "not recorded" not in result.err
    run = the_run()
    assert run.record.params == {"conf/params.yaml": {"rate": 5}}
    assert run.record.metrics == {"conf/metrics.json": {"loss": 9}}
    assert run.record.outputs == ("conf/metrics.json", "conf/out.txt")
    assert run.text("conf/new.py") == "y = 2\n"
    assert run.text("conf/old.py") == "x = 1\n"
    assert run.text("big/file.txt") == "x\n"
    assert not (outside.parent / "big").exists()


def test_overrides_reach_files_outside_of_the_cone(outside: Path, sh: Sh, the_run: TheRun) -> None:
    (outside / "params.yaml").write_text("rate: 1\n")

    result = sh("cat conf/params.yaml", "-S", "rate=7")

    assert (result.code, result.out) == (0, "rate: 7\n"), result.err
    assert the_run().text("conf/params.yaml") == "rate: 7\n"


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("override", ["rate=7", "conf/params.yaml:rate=7"])
def test_an_override_in_a_file_that_is_not_checked_out_is_refused_with_the_reason(
    sh: Sh, override: str
) -> None:
    result = sh("true", "-S", override)

    assert result.code == RunExitCode.REFUSED
    assert result.err == (
        "error: 'conf/params.yaml' is not in the work tree, because a sparse checkout leaves it "
        "out: `-S` cannot set its values\nhint: `git sparse-checkout add conf` brings it.\n"
    )


@pytest.mark.usefixtures("outside")
def test_what_git_brings_during_a_run_is_not_the_commands(sh: Sh, the_run: TheRun) -> None:
    result = sh("git sparse-checkout disable; echo 1 > conf/out.txt")

    assert result.code == 0, result.err
    assert the_run().record.outputs == ("conf/out.txt",)


def test_a_file_marked_by_hand_is_recorded_as_it_is(
    work_tree: Path, sh: Sh, git: Git, the_run: TheRun
) -> None:
    git("update-index", "--skip-worktree", "conf/params.yaml")
    (work_tree / "conf" / "params.yaml").write_text("rate: 2\n")

    result = sh("true")

    assert result.code == 0, result.err
    assert the_run().record.params == {"conf/params.yaml": {"rate": 2}}


def test_a_copy_has_what_the_work_tree_has(outside: Path, gitexp: Gitexp, git: Git) -> None:
    (outside / "params.yaml").write_text("rate: 5\n")
    listed = "find . -name .git -prune -o -type f -print | sort"
    script = f"{listed}; git status --porcelain; echo '{{\"loss\": 9}}' > conf/metrics.json"

    for _ in range(2):
        result = gitexp("run", "--temp", "--", "sh", "-c", script)
        assert result.code == 0, result.err
        files = ["./conf/params.yaml", "./gitexp.yaml", "./src/train.py"]
        assert result.out.splitlines() == [*files, " M conf/params.yaml"]
        assert (outside / "params.yaml").read_text() == "rate: 5\n"

    tip = git("rev-parse", "experiments").strip()
    record = json.loads(git("show", f"{tip}:.gitexp/run.json"))
    assert record["outputs"] == ["conf/metrics.json"]
    assert record["params"] == {"conf/params.yaml": {"rate": 5}}
    assert git("show", f"{tip}:big/file.txt") == "x\n"


def test_a_copy_finds_data_though_dvc_is_outside_of_the_cone(
    work_tree: Path, gitexp: Gitexp, git: Git, behind_pointer: BehindPointer
) -> None:
    git("sparse-checkout", "set", "--cone", "src")
    (work_tree / "data.csv").write_text("1\n2\n")
    behind_pointer("data.csv")
    assert (work_tree / ".dvc").is_dir()

    result = gitexp("run", "--temp", "--", "cat", "data.csv")

    assert (result.code, result.out) == (0, "1\n2\n"), result.err


def test_a_copy_finds_data_though_git_ignores_dvc(
    work_tree: Path, gitexp: Gitexp, behind_pointer: BehindPointer
) -> None:
    (work_tree / ".git" / "info" / "exclude").write_text(".dvc/\n")
    (work_tree / "data.csv").write_text("1\n2\n")
    behind_pointer("data.csv")

    result = gitexp("run", "--temp", "--", "cat", "data.csv")

    assert (result.code, result.out) == (0, "1\n2\n"), result.err
