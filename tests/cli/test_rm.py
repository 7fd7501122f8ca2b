"""`gitexp rm` and `gitexp restore`: out of sight and back, and nothing lost."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def _three_runs(run: Run) -> None:
    """Three runs: 'first', 'second' and 'third'."""
    for name in ("first", "second", "third"):
        run(name)


def names(gitexp: Gitexp, *options: str) -> list[str]:
    return [each["name"] for each in json.loads(gitexp("ls", "--json", *options)[1])]


@pytest.mark.usefixtures("_three_runs")
def test_removed_runs_are_hidden_until_they_are_restored(gitexp: Gitexp, git: Git) -> None:
    before = git("rev-parse", "experiments")

    assert gitexp("rm", "first", "third") == (
        ExitCode.OK,
        "",
        "removed 'first'\nremoved 'third'\nhint: `gitexp restore first third` brings them back.\n",
    )

    assert names(gitexp) == ["second"]
    assert names(gitexp, "--removed") == ["third", "first"]
    assert gitexp("show", "latest")[1].startswith("second\n")
    assert gitexp("restore", "first") == (ExitCode.OK, "", "restored 'first'\n")
    assert names(gitexp) == ["second", "first"]
    assert names(gitexp, "--removed") == ["third"]
    assert git("rev-parse", "experiments") == before


@pytest.mark.usefixtures("_three_runs")
def test_a_removed_run_can_still_be_named(gitexp: Gitexp) -> None:
    gitexp("rm", "first")

    assert re.search(r"\n  status +done, removed\n", gitexp("show", "first").out)
    assert json.loads(gitexp("show", "first", "--json")[1])["removed"] is True
    assert gitexp("rename", "second", "first")[2] == dedent("""\
        error: a removed run is named 'first'
        hint: Choose another name. `gitexp restore first` brings the run back.
    """)
    assert gitexp("run", "-n", "first", "true")[2] == dedent("""\
        error: a removed run is named 'first'
        hint: Choose another name; without `-n` gitexp makes one up. `gitexp restore first` brings \
the run back.
    """)


@pytest.mark.usefixtures("_three_runs")
def test_removing_and_restoring_twice_is_no_error(gitexp: Gitexp) -> None:
    gitexp("rm", "first", "first")

    assert gitexp("rm", "first") == (ExitCode.OK, "", "note: run 'first' is already removed\n")
    assert gitexp("restore", "second") == (ExitCode.OK, "", "note: run 'second' is not removed\n")


@pytest.mark.usefixtures("_three_runs")
def test_nothing_is_removed_where_one_of_the_runs_is_unknown(gitexp: Gitexp, git: Git) -> None:
    code, _, err = gitexp("rm", "first", "fourth")

    assert code == ExitCode.ERROR
    assert err.startswith("error: no run 'fourth'\n")
    assert git("for-each-ref", "refs/notes") == ""


def test_that_a_run_is_removed_travels(gitexp: Gitexp, run: Run, hub: Path, clone: Clone) -> None:
    assert hub.exists()
    run("first")
    run("second")
    gitexp("rm", "first")
    gitexp("push")
    other = clone("other")

    gitexp("-C", other, "pull")

    there = gitexp("-C", other, "ls", "--json")[1]
    assert [each["name"] for each in json.loads(there)] == ["second"]


@pytest.mark.usefixtures("_three_runs")
def test_runs_that_match_are_removed_once_somebody_agrees(
    gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("rm", "--where", "name ~ 'ir'")

    code, out, err = gitexp(*where)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err == dedent("""\
        would remove 2 runs:
          third
          first
        error: no run was removed
        hint: Give `--force` to do it.
    """)
    assert git("for-each-ref", "refs/notes") == ""
    monkeypatch.setattr(
        "gitexp.cli.consent.sys", SimpleNamespace(stdin=Terminal(), stderr=Terminal())
    )
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, _, err = gitexp(*where)
    assert (code, err[-19:]) == (ExitCode.NO, "no run was removed\n")
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert gitexp(*where)[0] == ExitCode.OK
    assert names(gitexp) == ["second"]


@pytest.mark.usefixtures("_three_runs")
def test_with_force_nobody_is_asked(gitexp: Gitexp) -> None:
    assert gitexp("rm", "--where", "status = failed", "--force") == (
        ExitCode.OK,
        "",
        "no run was removed\n",
    )
    assert gitexp("rm", "--force", "--where", "name = first")[2].startswith("removed 'first'\n")
    assert names(gitexp) == ["third", "second"]


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("words", [(), ("first", "--where", "status = failed")])
def test_runs_are_named_or_matched_but_not_both(gitexp: Gitexp, words: tuple[str, ...]) -> None:
    said = "error: which runs should be removed?\nhint: Name them, or give `--where`; not both.\n"

    assert gitexp("rm", *words) == (ExitCode.ERROR, "", said)


def test_many_runs_that_were_removed_come_back_as_the_hint_says(gitexp: Gitexp, run: Run) -> None:
    for number in range(12):
        run(f"one-{number}")
    run("other")

    err = gitexp("rm", "--where", "name like 'one-%'", "--force")[2]

    hint = err.splitlines()[-1]
    assert hint.startswith("hint: `gitexp restore --where ")
    assert names(gitexp) == ["other"]
    _, *words = shlex.split(hint.split("`")[1])
    assert gitexp(*words)[2].count("restored 'one-") == 12
    assert gitexp(*words) == (ExitCode.OK, "", "no run was restored\n")
    assert len(names(gitexp)) == 13
    assert gitexp("restore")[2].startswith("error: which runs should be restored?\n")
