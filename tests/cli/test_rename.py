"""`gitexp rename`: another name, under the rules of `gitexp run --name`."""

from __future__ import annotations

import json

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp


@pytest.fixture(autouse=True)
def _two_runs(run: Run) -> None:
    """Two runs: 'first' and 'second'."""
    run("first")
    run("second")


def test_a_run_goes_by_its_new_name(gitexp: Gitexp, git: Git) -> None:
    before = git("rev-parse", "experiments")

    assert gitexp("rename", "first", "wide") == (
        ExitCode.OK,
        "",
        "run 'first' is now called 'wide'\n",
    )

    assert [each["name"] for each in json.loads(gitexp("ls", "--json")[1])] == ["second", "wide"]
    found = json.loads(gitexp("show", "wid", "--json")[1])
    assert (found["name"], found["recorded_name"]) == ("wide", "first")
    assert gitexp("show", "wide")[1].startswith("wide\n")
    assert "\n  recorded as   first\n" in gitexp("show", "wide")[1]
    assert gitexp("diff", "wide", "second")[0] == ExitCode.OK
    assert git("rev-parse", "experiments") == before


def test_who_uses_the_old_name_is_told_the_new_one(gitexp: Gitexp) -> None:
    gitexp("rename", "first", "wide")

    assert gitexp("show", "first") == (
        ExitCode.ERROR,
        "",
        "error: no run 'first' any more\nhint: It is now called 'wide'.\n",
    )


def test_the_old_name_is_free_again(gitexp: Gitexp, run: Run) -> None:
    gitexp("rename", "first", "wide")

    run("first")

    assert gitexp("rename", "wide", "first")[2].startswith("error: a run named 'first' exists\n")
    gitexp("rename", "first", "third")
    assert gitexp("rename", "wide", "first")[0] == ExitCode.OK


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("second", "error: a run named 'second' exists\nhint: Choose another name.\n"),
        ("main", "error: 'main' is the name of a branch\nhint: Choose another name.\n"),
        ("v1", "error: 'v1' is the name of a tag\nhint: Choose another name.\n"),
        (
            "latest",
            "error: 'latest' is a reserved word\nhint: Choose another name for the run.\n",
        ),
    ],
)
def test_a_name_that_means_something_else_is_refused(
    gitexp: Gitexp, git: Git, name: str, said: str
) -> None:
    git("tag", "v1")

    assert gitexp("rename", "first", name) == (ExitCode.ERROR, "", said)
    assert git("for-each-ref", "refs/notes") == ""


def test_a_name_with_spaces_is_refused(gitexp: Gitexp) -> None:
    code, _, err = gitexp("rename", "first", "two words")

    assert code == ExitCode.ERROR
    assert err.startswith("error: 'two words' is not a valid name for a run\n")


def test_the_name_that_a_run_has_is_no_error(gitexp: Gitexp, git: Git) -> None:
    said = (ExitCode.OK, "", "note: run 'first' already has that name\n")

    assert gitexp("rename", "first", "first") == said
    assert git("for-each-ref", "refs/notes") == ""
