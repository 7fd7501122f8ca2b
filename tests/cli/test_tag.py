"""`gitexp tag`: given, taken away, listed, and on their way between clones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import Clone, Run
from tests.workshop import Git, Gitexp


@pytest.fixture
def _two_runs(run: Run) -> None:
    """Two runs: 'first' and 'second'."""
    run("first")
    run("second")


@pytest.mark.usefixtures("_two_runs")
def test_tags_are_given_and_listed_in_that_order(gitexp: Gitexp) -> None:
    assert gitexp("tag", "first", "good", "candidate") == (
        ExitCode.OK,
        "",
        "tagged 'first': good, candidate\n",
    )
    assert gitexp("tag", "second", "good")[2] == "tagged 'second': good\n"

    assert gitexp("tag", "first") == (ExitCode.OK, "good\ncandidate\n", "")
    assert gitexp("tag") == (
        ExitCode.OK,
        dedent("""\
            tag         runs
            candidate      1
            good           2
        """),
        "",
    )
    assert json.loads(gitexp("tag", "first", "--json")[1]) == ["good", "candidate"]
    assert json.loads(gitexp("tag", "--json")[1]) == {"candidate": 1, "good": 2}
    assert gitexp("tag", "--csv")[1] == "tag,runs\ncandidate,1\ngood,2\n"


@pytest.mark.usefixtures("_two_runs")
def test_tags_are_taken_away(gitexp: Gitexp) -> None:
    gitexp("tag", "first", "good", "candidate")

    assert gitexp("tag", "first", "--delete", "good") == (
        ExitCode.OK,
        "",
        "untagged 'first': good\n",
    )

    assert gitexp("tag", "first")[1] == "candidate\n"
    gitexp("tag", "first", "-d", "candidate")
    assert gitexp("tag", "first") == (ExitCode.OK, "No tags.\n", "")
    assert gitexp("tag") == (ExitCode.OK, "No tags.\n", "")


@pytest.mark.usefixtures("_two_runs")
def test_a_tag_that_is_there_already_is_not_given_again(gitexp: Gitexp, git: Git) -> None:
    gitexp("tag", "first", "good")

    again = gitexp("tag", "first", "good", "new", "new")

    known = "note: run 'first' already has the tag 'good'\n"
    assert again == (ExitCode.OK, "", f"{known}tagged 'first': new\n")
    assert gitexp("tag", "first", "good") == (ExitCode.OK, "", known)
    assert gitexp("tag", "first")[1] == "good\nnew\n"
    assert git("log", "--format=%an %s", "refs/notes/gitexp") == "Ada tag first\nAda tag first\n"


@pytest.mark.usefixtures("_two_runs")
def test_all_runs_that_match_are_tagged_at_once(gitexp: Gitexp, git: Git) -> None:
    gitexp("tag", "first", "good")

    assert gitexp("tag", "--where", "status = done", "good", "done") == (
        ExitCode.OK,
        "",
        "tags changed on 2 of 2 runs that match\n",
    )
    assert gitexp("tag", "--where", "tag = good", "--delete", "good", "never") == (
        ExitCode.OK,
        "",
        "tags changed on 2 of 2 runs that match\n",
    )

    assert gitexp("tag", "--csv")[1] == "tag,runs\ndone,2\n"
    assert len(git("rev-list", "refs/notes/gitexp").split()) == 3
    assert gitexp("tag", "--where", "status = done") == (
        ExitCode.ERROR,
        "",
        "error: no tag for the runs that match\nhint: Name the tags after EXPR.\n",
    )
    assert gitexp("tag", "done")[0] == ExitCode.ERROR


@pytest.mark.usefixtures("_two_runs")
def test_nothing_is_taken_away_where_one_of_the_tags_is_not_there(gitexp: Gitexp) -> None:
    gitexp("tag", "first", "good")

    assert gitexp("tag", "first", "-d", "good", "god") == (
        ExitCode.ERROR,
        "",
        "error: run 'first' has no tag 'god'\nhint: Its tags: good.\n",
    )
    assert gitexp("tag", "second", "-d", "god") == (
        ExitCode.ERROR,
        "",
        "error: run 'second' has no tag 'god'\nhint: It has no tags.\n",
    )
    assert gitexp("tag", "first", "-d") == (
        ExitCode.ERROR,
        "",
        "error: no tag to take away\nhint: `gitexp tag first` lists the run's tags.\n",
    )
    assert gitexp("tag", "first")[1] == "good\n"


@pytest.mark.usefixtures("_two_runs")
def test_what_is_no_tag_is_refused_before_anything_is_written(gitexp: Gitexp, git: Git) -> None:
    assert gitexp("tag", "first", "good", "very good") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: 'very good' is not a valid tag
            hint: A tag has no spaces and no commas, and does not begin with '-'.
        """),
    )
    assert git("for-each-ref", "refs/notes") == ""


@pytest.mark.usefixtures("_two_runs")
def test_every_view_has_the_tags(gitexp: Gitexp) -> None:
    gitexp("tag", "first", "good", "candidate")

    header, second, first = gitexp("ls")[1].splitlines()

    assert header.split()[-1] == "tags"
    assert first.endswith("good, candidate")
    assert "good" not in second
    assert re.search(r"\n  tags +good, candidate\n", gitexp("show", "first").out)
    listed = {each["name"]: each["tags"] for each in json.loads(gitexp("ls", "--json")[1])}
    assert listed == {"first": ["good", "candidate"], "second": []}


@pytest.mark.usefixtures("_two_runs")
def test_tagging_touches_neither_the_branch_nor_the_work_tree(gitexp: Gitexp, git: Git) -> None:
    asked = ("for-each-ref", "refs/heads", "refs/tags", "refs/gitexp")
    before = git(*asked), git("status", "--porcelain")

    gitexp("tag", "first", "good")

    assert (git(*asked), git("status", "--porcelain")) == before
    assert git("log", "--notes=gitexp", "--format=%N", "experiments").count('"op":"tag"') == 1


def test_tags_of_two_clones_come_together_whoever_pushes_first(
    gitexp: Gitexp, run: Run, hub: Path, clone: Clone
) -> None:
    assert hub.exists()
    run("first")
    gitexp("tag", "first", "old", "shared")
    gitexp("push")
    other = clone("other")
    assert gitexp("-C", other, "pull")[0] == 0
    assert gitexp("-C", other, "tag", "first")[1] == "old\nshared\n"
    gitexp("-C", other, "tag", "first", "-d", "old")
    gitexp("-C", other, "tag", "first", "theirs")
    gitexp("tag", "first", "mine")
    said = gitexp("-C", other, "push")[1]
    assert said == "sent late facts of 1 run\n"

    assert gitexp("push")[1] == "sent late facts of 1 run\n"
    assert gitexp("-C", other, "pull")[1] == "no new runs; late facts of 1 run\n"
    assert gitexp("-C", other, "pull")[1] == "no new runs\n"
    assert gitexp("push")[1] == "origin/experiments already has every run\n"

    assert set(gitexp("tag", "first")[1].split()) == {"shared", "theirs", "mine"}
    assert gitexp("-C", other, "tag", "first") == gitexp("tag", "first")


def test_facts_that_came_before_their_run_count_once_it_is_here(
    gitexp: Gitexp, git: Git, run: Run, hub: Path, clone: Clone
) -> None:
    assert hub.exists()
    run("first")
    gitexp("push")
    other = clone("other")
    gitexp("-C", other, "pull")
    run("second")
    gitexp("tag", "second", "good")
    gitexp("push")
    git("fetch", "--quiet", "origin", "refs/notes/gitexp:refs/notes/gitexp", cwd=other)
    assert gitexp("-C", other, "tag")[1] == "No tags.\n"

    gitexp("-C", other, "pull")

    assert gitexp("-C", other, "tag", "second") == (ExitCode.OK, "good\n", "")


def test_a_run_that_only_the_remote_has_is_named_once_it_was_fetched(
    gitexp: Gitexp, git: Git, run: Run, hub: Path, clone: Clone
) -> None:
    assert hub.exists()
    run("first")
    gitexp("push")
    other = clone("other")

    assert gitexp("-C", other, "tag", "first", "good")[0] == ExitCode.ERROR
    assert gitexp("-C", other, "tag", "origin/experiments", "good") == (
        ExitCode.OK,
        "",
        "tagged 'first': good\n",
    )
    assert gitexp("-C", other, "tag", "origin/experiments")[1] == "good\n"

    gitexp("-C", other, "push")
    gitexp("pull")
    assert gitexp("tag", "first")[1] == "good\n"
    assert git("rev-parse", "experiments") == git("rev-parse", "origin/experiments", cwd=other)


def test_a_run_that_is_under_way_is_said_to_be(gitexp: Gitexp, work_tree: Path, git: Git) -> None:
    script = "import subprocess, sys; sys.exit(subprocess.call(['gitexp', *sys.argv[1:]]))"
    (work_tree / "say.py").write_text(script)

    code, _, err = gitexp("run", "-n", "busy", "--", "python", "say.py", "rm", "busy")

    assert code == ExitCode.ERROR
    assert (
        "error: run 'busy' is under way\n"
        "hint: Wait for its end; `gitexp show -f busy` follows it.\n" in err
    )
    assert git("for-each-ref", "refs/notes") == ""
