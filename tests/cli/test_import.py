from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp


class Experiment(Protocol):
    """Make an experiment of DVC with metrics on the baseline HEAD."""

    def __call__(self, name: str, accuracy: float) -> str: ...


@pytest.fixture
def experiment(work_tree: Path, git: Git) -> Experiment:
    """Make an experiment of DVC with metrics on the baseline HEAD."""

    def make(name: str, accuracy: float) -> str:
        (work_tree / "metrics.json").write_text(f'{{"accuracy": {accuracy}}}')
        (work_tree / "dvc.yaml").write_text("metrics: [metrics.json]\n")
        git("add", "--all")
        tree = git("write-tree").strip()
        git("reset", "--quiet", "--hard")
        base = git("rev-parse", "HEAD").strip()
        said = f"dvc: commit experiment {name}"
        oid = git("commit-tree", tree, "-p", base, "-m", said).strip()
        git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/{name}", oid)
        return oid

    return make


def test_import_says_how_many_came_and_what_is_there_already(
    gitexp: Gitexp, experiment: Experiment
) -> None:
    experiment("first", 0.9)
    experiment("second", 0.95)

    assert gitexp("import", "dvc") == (ExitCode.OK, "imported 2 experiments of DVC\n", "")
    assert gitexp("import", "dvc") == (ExitCode.OK, "2 experiments are already runs\n", "")
    experiment("third", 0.97)
    assert gitexp("import", "dvc") == (
        ExitCode.OK,
        "imported 1 experiment of DVC; 2 experiments are already runs\n",
        "",
    )


def test_a_dry_run_shows_what_would_come_and_writes_nothing(
    gitexp: Gitexp, experiment: Experiment, git: Git
) -> None:
    experiment("first", 0.9)
    baseline = git("rev-parse", "--short=10", "HEAD").strip()

    code, out, err = gitexp("import", "dvc", "--dry-run")

    assert (code, err) == (ExitCode.OK, "")
    assert out == dedent(f"""\
        experiment   state   recorded           baseline     params   metrics   problems
        first        new     2026-01-02 03:04   {baseline}        2         1
        would import 1 experiment of DVC
    """)
    assert git("branch", "--list", "experiments") == ""


def test_what_has_another_name_here_is_noted(
    gitexp: Gitexp, experiment: Experiment, git: Git
) -> None:
    git("tag", "taken")
    experiment("taken", 0.9)

    assert gitexp("import", "dvc") == (
        ExitCode.OK,
        "imported 1 experiment of DVC\n",
        "note: 'taken': is called 'taken-2' here: 'taken' is taken\n",
    )


def test_json_lists_every_experiment(gitexp: Gitexp, experiment: Experiment, git: Git) -> None:
    experiment("first", 0.9)

    code, out, err = gitexp("import", "dvc", "--json")

    [row] = json.loads(out)
    assert (code, err) == (ExitCode.OK, "imported 1 experiment of DVC\n")
    assert row == {
        "experiment": "first",
        "state": "imported",
        "id": row["id"],
        "name": "first",
        "oid": git("rev-parse", "experiments").strip(),
        "problems": [],
    }


def test_what_cannot_be_imported_is_told_and_is_a_no(
    gitexp: Gitexp, experiment: Experiment, work_tree: Path
) -> None:
    experiment("first", 0.9)
    (work_tree / "sub").mkdir()
    (work_tree / "sub" / "gitexp.yaml").write_text("")

    assert gitexp("-C", "sub", "import", "dvc") == (
        ExitCode.NO,
        "1 experiment cannot be imported\n",
        "note: 'first': there is no folder 'sub' in it\n",
    )


@pytest.mark.usefixtures("work_tree")
def test_without_experiments_a_hint_says_where_they_may_be(gitexp: Gitexp) -> None:
    assert gitexp("import", "dvc") == (
        ExitCode.OK,
        "",
        dedent("""\
            note: there are no experiments of DVC here
            hint: `dvc exp pull REMOTE` gets those of a git remote.
        """),
    )
