"""The inputs of a run: the same experiment has the same ones, any other has others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from tests.execution.workshop import BehindPointer, Runs, Sh, TheRun
from tests.workshop import Git


class Inputs(Protocol):
    """Do the experiment, or another one, and return the oid of its inputs."""

    def __call__(self, line: str = ..., *options: str) -> str: ...


TRAINING = (
    "python train.py; head -c 50 /dev/urandom > model.joblib; mkdir -p out;"
    " od -An -N4 -tx4 /dev/urandom > out/predictions.csv; date +%N > seen.txt"
)
"""It writes metrics, a model that is never the same, and outputs that nothing declares."""


@pytest.fixture
def inputs(sh: Sh, the_run: TheRun) -> Inputs:
    """Do the experiment, or another one, and return the oid of its inputs."""

    def run(line: str = TRAINING, *options: str) -> str:
        result = sh(line, *options)
        assert result.code in {0, 3}, result.err
        return the_run().record.inputs.oid

    return run


@pytest.fixture
def with_data(work_tree: Path, behind_pointer: BehindPointer, git: Git) -> Path:
    """The project with data behind a committed pointer."""
    (work_tree / "data.csv").write_text("1\n2\n")
    behind_pointer("data.csv")
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")
    return work_tree


def test_the_same_experiment_has_the_same_inputs_with_leftovers_lying_about(
    work_tree: Path, inputs: Inputs, runs: Runs, git: Git
) -> None:
    (work_tree / "helper.py").write_text("helper = 1\n")

    found = [inputs() for _ in range(4)]

    assert len(set(found)) == 1
    assert runs()[3].record.inputs.excluded == ()
    assert runs()[0].record.inputs.excluded == (
        ".dvc/.gitignore",
        ".dvc/config",
        ".dvcignore",
        ".gitignore",
        "metrics.json",
        "model.joblib.dvc",
        "out/predictions.csv",
        "seen.txt",
    )
    assert f"Gitexp-Inputs: v2:{found[0]}\n" in git("log", "-1", "--format=%B", "experiments")


def test_inputs_are_a_tree_as_git_would_write_it(inputs: Inputs, git: Git) -> None:
    assert inputs("true") == git("rev-parse", "HEAD^{tree}").strip()


def test_a_failing_run_has_the_inputs_of_a_good_one(inputs: Inputs) -> None:
    assert inputs("exit 3") == inputs(TRAINING) == inputs("rm -r out; exit 3")


def test_outputs_that_were_committed_leave_the_inputs_as_they_are(
    work_tree: Path, inputs: Inputs, git: Git
) -> None:
    (work_tree / "gitexp.yaml").write_text("outputs: [out/, seen.txt]\n")
    before = inputs()
    git("add", "--all")
    git("commit", "--quiet", "-m", "results")

    assert inputs() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda top: (top / "params.yaml").write_text("rate: 0.2\nseed: 1\n"),
        lambda top: (top / "train.py").write_text("print('another line')\n"),
        lambda top: (top / "train.py").chmod(0o755),
        lambda top: (top / "train.py").rename(top / "main.py"),
        lambda top: (top / "helper.py").write_text("helper = 2\n"),
        lambda top: (top / "helper.py").unlink(),
        lambda top: (top / "new.py").write_text("new = 1\n"),
        lambda top: (top / "new.py").symlink_to("train.py"),
        lambda top: (top / "data.csv").write_text("1\n3\n"),
    ],
    ids="param source mode rename helper helper-gone new-helper link data".split(),
)
def test_another_experiment_has_other_inputs(
    with_data: Path, inputs: Inputs, change: Callable[[Path], object]
) -> None:
    (with_data / "helper.py").write_text("helper = 1\n")
    before = inputs("true")
    assert inputs("true") == before

    change(with_data)

    assert inputs("true") != before


def test_an_override_makes_other_inputs_and_taking_it_back_the_old_ones(
    work_tree: Path, inputs: Inputs
) -> None:
    before = inputs()

    assert inputs(TRAINING, "-S", "rate=0.2") != before
    assert inputs(TRAINING, "-S", "rate=0.1") == before
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"


def test_data_behind_a_pointer_that_is_not_committed_yet_is_an_input_every_time(
    work_tree: Path, behind_pointer: BehindPointer, inputs: Inputs
) -> None:
    (work_tree / "data.csv").write_text("1\n2\n")
    behind_pointer("data.csv")

    before = [inputs("cat data.csv"), inputs("cat data.csv")]
    (work_tree / "data.csv").write_text("1\n3\n")
    after = inputs("cat data.csv")

    assert before[0] == before[1]
    assert after != before[0]


def test_a_data_file_in_git_is_an_input(work_tree: Path, inputs: Inputs) -> None:
    (work_tree / "small.csv").write_text("1\n")
    before = inputs("true")
    (work_tree / "small.csv").write_text("2\n")

    assert inputs("true") != before


def test_a_helper_edited_while_a_run_goes_on_is_an_input_of_the_next(
    work_tree: Path, inputs: Inputs
) -> None:
    (work_tree / "helper.py").write_text("helper = 1\n")

    before = inputs("echo helper = 2 > helper.py")

    assert inputs("true") != before


def test_prose_settings_ignored_files_and_printed_cells_are_no_inputs(
    with_data: Path, inputs: Inputs
) -> None:
    def notebook(source: str, printed: str, count: int) -> str:
        cell = {"cell_type": "code", "source": [source], "execution_count": count}
        return json.dumps({"cells": [{**cell, "outputs": [{"text": printed}]}], "nbformat": 4})

    (with_data / "explore.ipynb").write_text(notebook("print(1)", "1", 1))
    before = inputs("true")

    (with_data / "README.md").write_text("# New\n")
    (with_data / "LICENSE").write_text("none\n")
    (with_data / "gitexp.yaml").write_text("policy:\n  accuracy: {goal: max}\n")
    (with_data / ".gitignore").write_text("/data.csv\n*.tmp\n")
    (with_data / "some.tmp").write_text("ignored\n")
    (with_data / ".dvcignore").write_text("*.bak\n")
    (with_data / ".github").mkdir()
    (with_data / ".github" / "ci.yml").write_text("on: push\n")
    (with_data / "explore.ipynb").write_text(notebook("print(1)", "another", 7))
    (with_data / "__pycache__").mkdir()
    (with_data / "__pycache__" / "train.cpython-311.pyc").write_bytes(b"junk")

    assert inputs("true") == before

    (with_data / "explore.ipynb").write_text(notebook("print(2)", "another", 7))

    assert inputs("true") != before


def test_a_readme_deeper_down_is_an_input(work_tree: Path, inputs: Inputs) -> None:
    before = inputs("true")
    (work_tree / "prompts").mkdir()
    (work_tree / "prompts" / "README.md").write_text("a prompt\n")

    assert inputs("true") != before


def test_what_the_settings_exclude_is_no_input(work_tree: Path, inputs: Inputs) -> None:
    (work_tree / "gitexp.yaml").write_text("not_inputs: [docs/]\nplots: [curve.csv]\n")
    before = inputs("true")
    (work_tree / "docs").mkdir()
    (work_tree / "docs" / "index.md").write_text("docs\n")
    (work_tree / "curve.csv").write_text("1,2\n")
    (work_tree / "old.pt").write_text("a model that somebody copied here\n")

    assert inputs("true") == before


def test_set_up_is_no_input_whatever_the_settings_add(work_tree: Path, inputs: Inputs) -> None:
    (work_tree / "gitexp.yaml").write_text('not_inputs: [docs/, "!/LICENSE*"]\n')
    before = inputs("true")
    for name in (".gitattributes", ".gitlab-ci.yml", ".pre-commit-config.yaml", "README.md"):
        (work_tree / name).write_text("set up\n")

    assert inputs("true") == before

    (work_tree / "LICENSE").write_text("taken out again by the settings\n")
    assert inputs("true") != before


def test_only_the_projects_folder_and_shared_ones_decide(
    work_tree: Path, sh: Sh, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    def experiment() -> str:
        assert sh("true").code == 0
        form = "--format=%(trailers:key=Gitexp-Inputs,valueonly)"
        oid: str = git("log", "-1", form, "experiments").strip()
        return oid

    for name in ("app/train.py", "libs/code.py", "other/code.py"):
        (work_tree / name).parent.mkdir()
        (work_tree / name).write_text("code = 1\n")
    (work_tree / "app" / "gitexp.yaml").write_text("shared: [../libs]\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "monorepo")
    monkeypatch.chdir(work_tree / "app")

    before = experiment()
    (work_tree / "other" / "code.py").write_text("code = 2\n")
    (work_tree / "train.py").write_text("code = 2\n")
    same = experiment()
    (work_tree / "libs" / "code.py").write_text("code = 2\n")
    other = experiment()

    assert same == before
    assert other != before


def test_a_run_that_failed_without_its_data_is_told_how_to_get_it(with_data: Path, sh: Sh) -> None:
    (with_data / "data.csv").rename(with_data / "elsewhere.csv")

    failed = sh("cat data.csv > /dev/null").err
    passed = sh("true").err

    assert failed.endswith(
        "note: 'data.csv' was not here when it started\n"
        "hint: `dvc checkout data.csv` brings it from the cache, `dvc pull` from the remote.\n"
    )
    assert "not here" not in passed


def test_in_a_linked_work_tree_the_cache_of_the_main_one_may_be_what_is_lacking(
    with_data: Path, git: Git, sh: Sh, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = with_data.with_name("linked")
    git("worktree", "add", "--quiet", linked)
    monkeypatch.chdir(linked)

    failed = sh("cat data.csv > /dev/null").err

    assert failed.endswith(
        "hint: `dvc checkout data.csv` brings it from the cache, `dvc pull` from the remote.\n"
        "hint: `gitexp doctor` says whether this work tree shares the main one's cache.\n"
    )
