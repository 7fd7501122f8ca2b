"""`gitexp restore`: removed runs back into sight, by name or id, all or none."""

from __future__ import annotations

import json

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Run
from tests.workshop import Git, Gitexp


@pytest.fixture(autouse=True)
def _two_removed_runs(gitexp: Gitexp, run: Run) -> None:
    """Two runs, 'first' and 'second', both removed."""
    run("first")
    run("second")
    gitexp("rm", "first", "second")


def names(gitexp: Gitexp) -> list[str]:
    return [each["name"] for each in json.loads(gitexp("ls", "--json")[1])]


def test_runs_come_back_by_name_and_by_id(gitexp: Gitexp) -> None:
    run_id = json.loads(gitexp("show", "second", "--json")[1])["id"]

    assert gitexp("restore", "first", run_id) == (
        ExitCode.OK,
        "",
        "restored 'first'\nrestored 'second'\n",
    )

    assert names(gitexp) == ["second", "first"]


def test_the_start_of_a_removed_run_is_enough_where_it_is_the_only_one(
    gitexp: Gitexp, run: Run
) -> None:
    run("firs")

    assert gitexp("restore", "fir") == (ExitCode.OK, "", "restored 'first'\n")


def test_a_run_that_is_not_removed_is_told_and_the_others_come_back(gitexp: Gitexp) -> None:
    gitexp("restore", "first")

    assert gitexp("restore", "first", "second") == (
        ExitCode.OK,
        "",
        "note: run 'first' is not removed\nrestored 'second'\n",
    )


def test_none_comes_back_where_one_is_unknown(gitexp: Gitexp, git: Git) -> None:
    before = git("rev-parse", "refs/notes/gitexp")

    code, _, err = gitexp("restore", "first", "third")

    assert code == ExitCode.ERROR
    assert err.startswith("error: no run 'third'\n")
    assert git("rev-parse", "refs/notes/gitexp") == before


def test_what_was_said_of_a_run_is_there_when_it_comes_back(gitexp: Gitexp) -> None:
    gitexp("tag", "first", "good")

    gitexp("restore", "first")

    assert gitexp("tag", "first") == (ExitCode.OK, "good\n", "")


def test_removed_runs_that_match_come_back(gitexp: Gitexp, run: Run) -> None:
    run("fifth")

    assert gitexp("restore", "--where", "name like 'f%'") == (
        ExitCode.OK,
        "",
        "restored 'first'\n",
    )
    assert names(gitexp) == ["fifth", "first"]
