"""Data that no training may see: `held_out:` in gitexp.yaml."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitexp.errors import RunExitCode

from tests.workshop import DVC, Git, Gitexp, commit_all, write

TRAIN = """\
import json, sys
from pathlib import Path

numbers = [float(line) for path in sys.argv[1:] for line in open(path)]
Path("metrics.json").write_text(json.dumps({"mean": sum(numbers) / len(numbers)}))
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project with data to train on, and data that is held out."""
    return {
        **DVC,
        "train.py": TRAIN,
        "params.yaml": "lr: 0.1\n",
        "gitexp.yaml": "held_out: [data/test.csv]\n",
        ".gitignore": "__pycache__/\n",
    }


@pytest.fixture
def project(work_tree: Path, gitexp: Gitexp) -> Path:
    """The project with its data behind pointers."""
    write(work_tree, {"data/train.csv": "1\n2\n3\n", "data/test.csv": "4\n5\n"})
    assert gitexp("track", "data/train.csv", "data/test.csv").code == 0
    commit_all(work_tree, "data")
    return work_tree


def recorded(git: Git) -> dict[str, Any]:
    """Return the record of the newest run."""
    return dict(json.loads(git("show", "experiments:.gitexp/run.json")))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("command", "where"),
    [
        (("python", "train.py", "data/test.csv"), "the command"),
        (("python", "train.py", "--data=./data/test.csv"), "the command"),
        (("python train.py data/test.csv > log",), "the command"),
        (("sh", "-c", "cat data/test.csv"), "the command"),
        (("python", "train.py", "files=[data/train.csv,data/test.csv]"), "the command"),
        (("python", "train.py", "data/../data/test.csv"), "the command"),
    ],
)
def test_a_command_that_names_held_out_data_is_refused(
    gitexp: Gitexp, command: tuple[str, ...], where: str
) -> None:
    ran = gitexp("run", "--", *command)

    assert ran.code == RunExitCode.REFUSED
    assert ran.err.startswith(f"error: 'data/test.csv' is held out, and {where} names it\nhint: ")


def test_params_and_stages_that_name_it_are_refused(project: Path, gitexp: Gitexp) -> None:
    by_override = gitexp("run", "-S", "+data=data/test.csv", "--", "python", "train.py")
    (project / "dvc.yaml").write_text(
        "stages:\n  score: {cmd: python train.py data/test.csv, deps: [data/test.csv]}\n"
    )
    by_stage = gitexp("run")

    (project / "dvc.yaml").write_text(
        "stages:\n  score: {cmd: python train.py ../data/test.csv, wdir: src, "
        "deps: [train.py, ../data/test.csv]}\n"
    )
    by_stage_elsewhere = gitexp("run")

    assert by_stage_elsewhere.err == by_stage.err
    assert by_override.err.startswith(
        "error: 'data/test.csv' is held out, and 'data' in params.yaml names it\n"
    )
    assert by_stage.err.startswith(
        "error: 'data/test.csv' is held out, and stage 'score' of dvc.yaml names it\n"
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("params.yaml", "files: [data/train.csv, ./data/test.csv]\n"),
        ("params.yaml", "splits: [{path: data/test.csv}]\n"),
        ("params.json", '{"files": {"all": ["data/test.csv"]}}'),
        ("params.toml", 'files = ["data/test.csv"]\n'),
    ],
)
def test_a_list_in_params_that_names_it_is_refused(
    project: Path, gitexp: Gitexp, name: str, content: str
) -> None:
    write(project, {"gitexp.yaml": f"held_out: [data/test.csv]\nparams: [{name}]\n", name: content})

    ran = gitexp("run", "--", "true")

    assert ran.code == RunExitCode.REFUSED
    assert ran.err.startswith("error: 'data/test.csv' is held out, and '")
    assert f"' in {name} names it\n" in ran.err


@pytest.mark.parametrize(
    "pipeline",
    [
        "stages:\n  score: {cmd: 'true', deps: [./data/test.csv]}\n",
        "stages:\n  score: {cmd: 'true', wdir: data, deps: [test.csv]}\n",
        "stages:\n  score: {cmd: 'python train.py data/test.csv'}\n",
    ],
)
def test_a_stage_that_names_it_in_another_way_is_refused(
    project: Path, gitexp: Gitexp, pipeline: str
) -> None:
    (project / "dvc.yaml").write_text(pipeline)

    assert "stage 'score' of dvc.yaml names it" in gitexp("run").err


def test_a_variable_of_a_pipeline_that_names_it_is_refused(project: Path, gitexp: Gitexp) -> None:
    (project / "dvc.yaml").write_text(
        "vars: [{file: data/test.csv}]\nstages:\n  score: {cmd: 'python train.py ${file}'}\n"
    )

    assert "'vars' of dvc.yaml names it" in gitexp("run").err


def test_a_copy_of_it_behind_another_pointer_is_noted_and_recorded(
    project: Path, git: Git, gitexp: Gitexp
) -> None:
    write(project, {"data/more.csv": "4\n5\n"})
    gitexp("track", "data/more.csv")

    ran = gitexp("run", "--", "python", "train.py", "data/more.csv")

    assert "note: 'data/more.csv' has the content of 'data/test.csv', which is held out" in ran.err
    assert "was opened" not in ran.err
    assert recorded(git)["read_held_out"] == ["data/test.csv"]


def test_a_slash_at_the_end_of_its_name_is_fine(project: Path, gitexp: Gitexp) -> None:
    write(project, {"images/1.txt": "1", "gitexp.yaml": "held_out: [./images/]\n"})
    gitexp("track", "images")

    assert "'images' is held out" in gitexp("run", "--", "cat", "images/1.txt").err


@pytest.mark.usefixtures("project")
@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
@pytest.mark.parametrize(
    ("command", "was_read"),
    [
        ("rm data/t*t.csv; dvc checkout -q", False),
        ("rm data/t*t.csv; dvc checkout -q; cat data/t*t.csv", True),
        ("dvc status -q; stat data/*; git status; du -a data", False),
        ("ln -s data linked; cat linked/t*t.csv; rm linked", True),
        ("ln data/t*t.csv hard.csv; cat hard.csv; rm hard.csv", True),
        ("cp -r data copied; rm -r copied", True),
    ],
)
def test_only_what_was_read_counts_however_it_is_reached(
    git: Git, gitexp: Gitexp, command: str, was_read: bool
) -> None:
    assert gitexp("run", "--", "sh", "-c", f"({command}) > /dev/null").code == 0

    assert ("read_held_out" in recorded(git)) == was_read


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
def test_what_comes_only_while_the_command_runs_is_seen(
    project: Path, git: Git, gitexp: Gitexp
) -> None:
    (project / "data/test.csv").unlink()

    assert gitexp("run", "--", "sh", "-c", "dvc checkout -q; cat data/*.csv").code == 0
    assert recorded(git)["read_held_out"] == ["data/test.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
def test_a_folder_that_comes_while_the_command_runs_counts(
    project: Path, git: Git, gitexp: Gitexp
) -> None:
    write(project, {"images/a/1.txt": "1", "gitexp.yaml": "held_out: [images]\n"})
    gitexp("track", "images")
    commit_all(project)
    (project / "images").rename(project / "away")

    coming = "n=$(echo im)ages; mv away $n; cat $n/a/*"

    assert gitexp("run", "--", "sh", "-c", f"{coming}; mv $n away").code == 0
    gone_again = recorded(git)["read_held_out"]
    assert gitexp("run", "--", "sh", "-c", coming).code == 0

    assert gone_again == recorded(git)["read_held_out"] == ["images"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", ["data/test.csv.bak", "old/data/test.csv", "data/test"])
def test_other_names_are_no_business_of_it(gitexp: Gitexp, name: str) -> None:
    assert gitexp("run", "--", "echo", name).code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
def test_what_is_opened_in_secret_is_noted_and_recorded(
    project: Path, git: Git, gitexp: Gitexp
) -> None:
    (project / "sly.py").write_text("open('data/' + 'test.csv').read()\n")

    ran = gitexp("run", "--", "python", "sly.py")

    assert ran.code == 0
    assert "note: 'data/test.csv' is held out, but was opened while the command ran" in ran.err
    assert recorded(git)["read_held_out"] == ["data/test.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
def test_what_is_removed_was_not_read(project: Path, git: Git, gitexp: Gitexp) -> None:
    (project / "clean.py").write_text("import os\nos.remove('data/' + 'test.csv')\n")

    ran = gitexp("run", "--", "python", "clean.py")

    assert ran.code == 0
    assert "was opened" not in ran.err
    assert "read_held_out" not in recorded(git)


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is opened")
def test_a_file_of_a_folder_counts_and_a_look_at_its_names_does_not(
    project: Path, git: Git, gitexp: Gitexp
) -> None:
    write(project, {"images/a/1.txt": "1", "gitexp.yaml": "held_out: [images]\n"})
    gitexp("track", "images")
    commit_all(project)

    gitexp("run", "--", "sh", "-c", "find im* > /dev/null")
    looked = recorded(git)
    gitexp("run", "--", "sh", "-c", "cat im*/a/1.txt > /dev/null")

    assert "read_held_out" not in looked
    assert recorded(git)["read_held_out"] == ["images"]


@pytest.mark.usefixtures("project")
def test_a_run_has_nothing_of_it(git: Git, gitexp: Gitexp) -> None:
    assert gitexp("run", "--", "python", "train.py", "data/train.csv").code == 0
    record = recorded(git)

    assert "read_held_out" not in record
    assert [one["path"] for one in record["pointers"]] == ["data/train.csv"]
    assert "data/test.csv.dvc" in record["inputs"]["excluded"]
    assert "data/test.csv.dvc" in git("ls-tree", "-r", "--name-only", "experiments")


@pytest.mark.usefixtures("project")
def test_a_copy_for_an_isolated_run_does_not_have_it(gitexp: Gitexp) -> None:
    ran = gitexp("run", "--temp", "--", "ls", "data")
    again = gitexp("rerun", "latest")

    assert ran.out.split() == again.out.split() == ["test.csv.dvc", "train.csv", "train.csv.dvc"]


@pytest.mark.usefixtures("project")
def test_what_is_allowed_is_in_the_record(git: Git, gitexp: Gitexp) -> None:
    ran = gitexp("run", "--allow-held-out", "--", "python", "train.py", "data/test.csv")

    assert ran.code == 0
    record = recorded(git)
    assert record["read_held_out"] == ["data/test.csv"]
    assert [one["path"] for one in record["pointers"]] == ["data/test.csv", "data/train.csv"]


def test_what_is_held_out_must_have_a_pointer(project: Path, gitexp: Gitexp) -> None:
    (project / "gitexp.yaml").write_text("held_out: [data/other.csv]\n")

    ran = gitexp("run", "--", "true")

    assert ran.code == RunExitCode.REFUSED
    assert ran.err == (
        "error: 'data/other.csv' is named under `held_out:`, but is not behind a pointer of its"
        " own\nhint: Put it behind one with `gitexp track data/other.csv`, or take it out of"
        " gitexp.yaml.\n"
    )
