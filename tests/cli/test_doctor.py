"""`gitexp doctor`: one line for each finding, and the rescue of a run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp


def test_doctor_says_that_all_is_well(gitexp: Gitexp, git: Git, run: Run) -> None:
    run("first")
    version = git("version")

    code, out, err = gitexp("doctor")

    assert (code, err) == (ExitCode.OK, "")
    lines = out.splitlines()
    assert lines[0] == f"ok   git        {version.removeprefix('git ').strip()}"
    assert lines[1:3] == [
        "ok   identity   Ada <ada@example.com>",
        "ok   settings   gitexp.yaml; runs are recorded on 'experiments'",
    ]
    assert lines[4:] == [
        "ok   branch     'experiments' can take runs, and has 1 run",
        "ok   runs       every run can be read",
        "ok   index      in the git directory, and up to date",
        "ok   waiting    no run waits for its branch",
        "ok   notes      no tag, comment or other late fact yet",
        "ok   journal    no run is under way or was cut off",
        "ok   copies     no work tree of `--temp` is kept",
        "ok   sweeps     no sweep is under way",
        "ok   data       DVC is not set up here; the first model does it",
    ]


@pytest.mark.usefixtures("work_tree")
def test_doctor_exits_with_1_where_something_is_wrong_in_every_format(
    gitexp: Gitexp, git: Git
) -> None:
    git("branch", "experiments")
    said = "branch 'experiments' holds things other than runs"
    hint = "Name another one for the runs in gitexp.yaml, such as `branch: runs`."

    text, as_json, as_csv, markdown = (
        gitexp("doctor", f"--format={name}") for name in ("text", "json", "csv", "md")
    )

    assert [code for code, _, _ in (text, as_json, as_csv, markdown)] == [ExitCode.NO] * 4
    assert f"wrong   branch     {said}. {hint}\n" in text[1]
    finding = {"mark": "wrong", "subject": "branch", "text": said, "hint": hint}
    assert finding in json.loads(as_json[1])
    assert f'wrong,branch,{said},"{hint}"\n' in as_csv[1]
    assert markdown[1].startswith("| mark | subject | finding |\n| --- | --- | --- |\n| ok | git |")


def test_doctor_outside_of_a_repository_says_so(tmp_path: Path, gitexp: Gitexp) -> None:
    code, out, err = gitexp("-C", tmp_path, "doctor")

    assert (code, out) == (ExitCode.ERROR, "")
    assert "is not in a git repository" in err


def test_doctor_recovers_no_run_that_there_is_not(work_tree: Path, gitexp: Gitexp) -> None:
    assert work_tree == Path.cwd()
    assert gitexp("doctor", "--recover", "abc") == (
        ExitCode.ERROR,
        "",
        "error: no run 'abc' is under way\nhint: `gitexp doctor` lists those that are.\n",
    )


def test_doctor_changes_nothing(work_tree: Path, gitexp: Gitexp, repository: Repository) -> None:
    before = sorted(work_tree.rglob("*"))

    gitexp("doctor")

    assert sorted(work_tree.rglob("*")) == before
    assert not (repository.common_dir / "gitexp").exists()


def test_doctor_imports_nothing_heavy() -> None:
    script = (
        "import sys, gitexp.cli.commands.doctor, gitexp.doctor.examination;"
        "print([name for name in ('dvc', 'git', 'hydra', 'rich', 'psutil') if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert loaded.stdout == b"[]\n"
