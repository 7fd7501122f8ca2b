"""`core.ignorecase` in a repository that came from a system which tells no case."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.execution.workshop import Sh, TheRun
from tests.workshop import Git, Gitexp


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {"Train.py": "print(1)\n", "params.yaml": "rate: 1\n", ".gitignore": "/Data/\n*.PT\n"}


@pytest.fixture
def from_elsewhere(work_tree: Path, git: Git) -> Path:
    """The work tree, said to tell no case although it does."""
    if (work_tree / "TRAIN.PY").exists():
        pytest.skip("the file system tells no case")
    git("config", "core.ignorecase", "true")
    return work_tree


def test_a_renamed_script_is_an_input(from_elsewhere: Path, sh: Sh, the_run: TheRun) -> None:
    (from_elsewhere / "Train.py").rename(from_elsewhere / "train.py")

    result = sh("cat train.py > out.txt")

    assert result.code == 0, result.err
    run = the_run()
    assert run.record.outputs == ("out.txt",)
    assert run.text("train.py") == "print(1)\n"
    assert "Train.py" not in run.entries


def test_files_that_differ_in_case_are_two(from_elsewhere: Path, sh: Sh, the_run: TheRun) -> None:
    (from_elsewhere / "train.py").write_text("print(2)\n")

    result = sh("echo 'rate: 2' > Params.yaml")

    assert result.code == 0, result.err
    run = the_run()
    assert [run.text(name) for name in ("Train.py", "train.py")] == ["print(1)\n", "print(2)\n"]
    assert run.record.outputs == ("Params.yaml",)
    assert run.record.params == {"params.yaml": {"rate": 1}}


def test_what_the_users_git_ignores_stays_ignored(
    from_elsewhere: Path, sh: Sh, the_run: TheRun
) -> None:
    (from_elsewhere / "data").mkdir()
    (from_elsewhere / "data" / "one.csv").write_text("1\n")
    (from_elsewhere / "src").mkdir()
    (from_elsewhere / "src" / "a.pt").write_text("1\n")
    (from_elsewhere / "src" / "a.py").write_text("1\n")

    result = sh("echo 1 > data/out.csv; echo 1 > b.Pt; echo 1 > out.txt")

    assert result.code == 0, result.err
    run = the_run()
    assert sorted(path for path in run.entries if not path.startswith(".gitexp/")) == [
        ".gitignore",
        "Train.py",
        "out.txt",
        "params.yaml",
        "src/a.py",
    ]


def test_a_copy_has_the_script_under_its_new_name_alone(
    from_elsewhere: Path, gitexp: Gitexp
) -> None:
    assert gitexp("run", "--temp", "--", "cat", "Train.py").code == 0
    (from_elsewhere / "Train.py").rename(from_elsewhere / "train.py")

    result = gitexp("run", "--temp", "--", "sh", "-c", "ls")

    assert (result.code, result.out) == (0, "params.yaml\ntrain.py\n"), result.err
