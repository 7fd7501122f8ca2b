"""`gitexp pull`: the runs of a colleague, in any kind of clone, and the data that is asked for."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from textwrap import dedent

import joblib
import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp, only_once

MODEL = """\
from pathlib import Path

import joblib

joblib.dump({"weights": [0.25, 0.5]}, "model.joblib")
Path("metrics.json").write_text('{"accuracy": 0.9}')
"""


@pytest.fixture
def shared(gitexp: Gitexp, hub: Path, run: Run, work_tree: Path) -> Path:
    """The hub, with two runs that the work tree has pushed."""

    def make() -> None:
        run("one")
        run("two")

    only_once("shared", work_tree, make)
    gitexp("push")
    return hub


@pytest.fixture
def script(work_tree: Path) -> None:
    """A script that writes metrics and a model."""
    (work_tree / "train_model.py").write_text(MODEL)


def names(gitexp: Gitexp, place: Path) -> list[str]:
    return [run["name"] for run in json.loads(gitexp("-C", place, "ls", "--json")[1])]


def cached(place: Path) -> list[bytes]:
    folder = place / ".dvc" / "cache" / "files" / "md5"
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("shared")
def test_pull_gets_the_runs(gitexp: Gitexp, clone: Clone) -> None:
    other = clone("other")

    outcome = gitexp("-C", other, "pull")

    assert outcome == (ExitCode.OK, "2 runs came from origin/experiments\n", "")
    assert sorted(names(gitexp, other)) == ["one", "two"]
    assert gitexp("-C", other, "pull", "origin") == (ExitCode.OK, "no new runs\n", "")


@pytest.mark.usefixtures("shared")
def test_ls_in_a_fresh_clone_says_how_to_get_the_runs(gitexp: Gitexp, clone: Clone) -> None:
    other = clone("other")

    outcome = gitexp("-C", other, "ls")

    hint = "hint: 'origin/experiments' has runs; `gitexp pull` gets them.\n"
    assert outcome == (ExitCode.OK, "No runs.\n", hint)


@pytest.mark.usefixtures("shared")
def test_in_a_fresh_clone_what_needs_runs_says_how_to_get_them(
    gitexp: Gitexp, clone: Clone
) -> None:
    other = clone("other")

    asked = {
        ("show",): "error: there are no runs yet\n",
        ("show", "one"): "error: no run 'one'\nhint: `gitexp ls` lists all runs.\n",
        ("best", "accuracy"): "error: no metric 'accuracy'",
        ("plot", "accuracy"): "",
        ("report",): "error: there are no runs yet\n",
        ("push",): "error: there are no runs to push yet\n",
        ("promote", "one", "digits"): "error: no run 'one'\n",
        ("sql", "select name from runs"): "",
        ("sql", "select accuracy from runs"): "error: no such column: accuracy\n",
    }
    for words, said in asked.items():
        err = gitexp("-C", other, *words).err
        assert err.startswith(said), words
        assert err.endswith("hint: 'origin/experiments' has runs; `gitexp pull` gets them.\n")
        assert "Make one" not in err
    assert "origin" not in gitexp("-C", other, "run", "-S", "typo", "--", "true").err


@pytest.mark.usefixtures("shared")
def test_pull_puts_the_runs_beside_those_that_are_here(
    gitexp: Gitexp, run: Run, clone: Clone, git: Git
) -> None:
    other = clone("other")
    run("alone", other)
    mine = git("rev-parse", "experiments", cwd=other).strip()

    outcome = gitexp("-C", other, "pull")

    assert outcome == (ExitCode.OK, "2 runs came from origin/experiments\n", "")
    assert sorted(names(gitexp, other)) == ["alone", "one", "two"]
    git("merge-base", "--is-ancestor", mine, "experiments", cwd=other)


@pytest.mark.parametrize(
    "options",
    [
        ["--depth=1"],
        ["--depth=1", "--no-single-branch"],
        ["--filter=blob:none"],
        ["--filter=tree:0"],
        ["--filter=blob:none", "--depth=1", "--no-single-branch"],
    ],
    ids=" ".join,
)
def test_pull_and_push_work_in_a_clone_that_has_not_everything(
    gitexp: Gitexp, shared: Path, run: Run, clone: Clone, git: Git, options: list[str]
) -> None:
    git("config", "uploadpack.allowFilter", "true", cwd=shared)
    git("commit", "--quiet", "--allow-empty", "-m", "more code")
    git("push", "--quiet", "origin", "main")
    other = clone("other", *options)

    outcome = gitexp("-C", other, "pull")
    listed = names(gitexp, other)
    run("three", other)
    pushed = gitexp("-C", other, "push")

    assert outcome == (ExitCode.OK, "2 runs came from origin/experiments\n", "")
    assert sorted(listed) == ["one", "two"]
    assert pushed == (ExitCode.OK, "pushed 1 run to origin/experiments\n", "")
    assert git("rev-list", "--count", "experiments", cwd=shared) == "4\n"
    depth = git("rev-list", "--count", "main", cwd=other)
    assert depth == ("1\n" if "--depth=1" in options else "2\n")
    git("fsck", cwd=other)


def test_in_a_partial_clone_the_records_come_at_once(
    gitexp: Gitexp, shared: Path, clone: Clone, git: Git
) -> None:
    git("config", "uploadpack.allowFilter", "true", cwd=shared)
    gitexp("tag", "one", "good")
    gitexp("push")
    other = clone("other", "--filter=blob:none")
    gitexp("-C", other, "pull")
    shutil.move(shared, shared.with_name("away"))

    listed = names(gitexp, other)

    assert sorted(listed) == ["one", "two"]
    assert gitexp("-C", other, "tag", "one")[1] == "good\n"


@pytest.mark.usefixtures("shared")
def test_pull_in_a_clone_that_has_fetched_other_branches_only(
    gitexp: Gitexp, clone: Clone, git: Git
) -> None:
    other = clone("other", "--single-branch", "--branch=main")

    gitexp("-C", other, "pull")

    assert sorted(names(gitexp, other)) == ["one", "two"]
    assert git("symbolic-ref", "HEAD", cwd=other) == "refs/heads/main\n"


@pytest.mark.usefixtures("hub", "store", "script")
def test_pull_leaves_the_data_where_it_is_until_it_is_asked_for(
    gitexp: Gitexp, clone: Clone
) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py")
    gitexp("push")
    other = clone("other")

    gitexp("-C", other, "pull")
    before = cached(other)
    outcome = gitexp("-C", other, "pull", "--data", "one")

    said = "no new runs\none: 1 file of data fetched into the DVC cache\n"
    assert outcome == (ExitCode.OK, said, "")
    assert before == []
    [model] = cached(other)
    assert joblib.load(io.BytesIO(model)) == {"weights": [0.25, 0.5]}


@pytest.mark.usefixtures("hub", "store", "script")
def test_the_data_of_one_run_is_not_that_of_others(
    gitexp: Gitexp, clone: Clone, work_tree: Path
) -> None:
    (work_tree / "images").mkdir()
    for name in ("a", "b"):
        (work_tree / "images" / name).write_text(name)
    gitexp("track", "images")
    gitexp("run", "-n", "one", "--", "python", "train_model.py")
    (work_tree / "images" / "c").write_text("c")
    gitexp("run", "-n", "two", "--", "python", "train_model.py")
    gitexp("track", "images")
    gitexp("push")
    other = clone("other")

    outcome = gitexp("-C", other, "pull", "--data", "one")

    assert outcome[1].endswith("one: 4 files of data fetched into the DVC cache\n")
    assert {b"a", b"b"} < set(cached(other))
    assert b"c" not in cached(other)


@pytest.mark.usefixtures("hub", "script")
def test_data_that_nobody_has_is_an_error(gitexp: Gitexp, clone: Clone, store: Path) -> None:
    gitexp("run", "-n", "one", "--", "python", "train_model.py")
    gitexp("push")
    shutil.rmtree(store)
    other = clone("other")

    code, _, err = gitexp("-C", other, "pull", "--data", "one")

    assert code == ExitCode.ERROR
    assert err == dedent("""\
        error: the data of model.joblib (one) is neither here nor on the DVC remote
        hint: Ask whoever made the run to send it with `gitexp push --all-data`.
    """)


@pytest.mark.usefixtures("hub")
def test_pull_from_a_remote_without_runs_is_an_error(gitexp: Gitexp) -> None:
    assert gitexp("pull") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: 'origin' has no branch 'experiments', and so no runs
            hint: Send yours with `gitexp push`.
        """),
    )


@pytest.mark.usefixtures("shared")
def test_pull_onto_a_branch_that_is_checked_out_is_an_error(
    gitexp: Gitexp, clone: Clone, git: Git
) -> None:
    other = clone("other")
    git("switch", "--quiet", "experiments", cwd=other)
    git("reset", "--quiet", "--hard", "HEAD~1", cwd=other)

    code, _, err = gitexp("-C", other, "pull")

    assert code == ExitCode.ERROR
    assert "is checked out in" in err
    assert git("status", "--porcelain", cwd=other) == ""
