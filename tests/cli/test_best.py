"""`gitexp best`: the best runs by a metric."""

from __future__ import annotations

import json
import math
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import Exit, Inputs, RunRecord, Status

from tests.recorded import put_run
from tests.workshop import Gitexp


@pytest.fixture
def recorded(repository: Repository, tmp_path: Path) -> None:
    """Six runs, one of them failed, one without a metric, and one whose loss is not a number."""
    runs: tuple[tuple[str, Status, dict[str, float]], ...] = (
        ("first", "done", {"accuracy": 0.91, "loss": 0.5, "f1": 0.4}),
        ("second", "done", {"accuracy": 0.97, "loss": 0.3, "f1": 0.6}),
        ("third", "done", {"accuracy": 0.95, "loss": math.nan}),
        ("failed", "failed", {"accuracy": 0.99, "loss": 0.1}),
        ("bare", "done", {}),
        ("last", "done", {"accuracy": 0.97, "loss": 0.4}),
    )
    for number, (name, status, metrics) in enumerate(runs):
        record = RunRecord(
            id=f"id{number}0000000",
            name=name,
            status=status,
            exit=Exit(0 if status == "done" else 1),
            command=("python", "train.py"),
            baseline="b" * 40,
            inputs=Inputs("c" * 40),
            started=f"2025-01-0{number + 1}T03:04:05.000Z",
            ended=f"2025-01-0{number + 1}T03:04:10.000Z",
            params={"params.yaml": {"rate": number / 10}},
            metrics={"metrics.json": dict(metrics)} if metrics else {},
        )
        put_run(repository, record, tmp_path)


def names(gitexp: Gitexp, *args: str) -> list[str]:
    """Return the names of the runs that `gitexp best` lists."""
    code, out, err = gitexp("best", *args, "--json")

    assert (code, err) == (ExitCode.OK, "")
    return [row["name"] for row in json.loads(out)]


@pytest.mark.usefixtures("recorded")
def test_best_lists_the_best_first_and_of_equal_ones_the_newest(gitexp: Gitexp) -> None:
    assert gitexp("best", "accuracy", "--md") == (
        ExitCode.OK,
        dedent("""\
            | name | accuracy | started | duration | loss | f1 | rate |
            | --- | --: | --- | --: | --: | --: | --: |
            | last | 0.97 | 2025-01-06 03:04 UTC | 5 s | 0.4 | – | 0.5 |
            | second | 0.97 | 2025-01-02 03:04 UTC | 5 s | 0.3 | 0.6 | 0.1 |
            | third | 0.95 | 2025-01-03 03:04 UTC | 5 s | nan | – | 0.2 |
            | first | 0.91 | 2025-01-01 03:04 UTC | 5 s | 0.5 | 0.4 | 0.0 |
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_of_equal_runs_one_that_bisect_made_comes_last(gitexp: Gitexp) -> None:
    gitexp("tag", "last", "bisect")

    assert names(gitexp, "accuracy", "--sort-order", "desc")[:3] == ["second", "last", "third"]
    assert names(gitexp, "accuracy", "--sort-order", "desc", "-N", "1") == ["second"]

    gitexp("tag", "--delete", "last", "bisect")
    assert names(gitexp, "accuracy", "--sort-order", "desc", "-N", "1") == ["last"]


@pytest.mark.usefixtures("recorded")
def test_the_goal_says_what_is_best_and_not_a_number_never_is(gitexp: Gitexp) -> None:
    assert names(gitexp, "loss") == ["second", "last", "first"]
    assert names(gitexp, "loss", "--sort-order", "desc") == ["first", "last", "second"]
    assert names(gitexp, "loss", "-N", "1") == ["second"]
    assert names(gitexp, "metrics.accuracy", "-N", "0") == ["last", "second", "third", "first"]


@pytest.mark.usefixtures("recorded")
def test_runs_that_failed_are_left_out_unless_asked_for(gitexp: Gitexp) -> None:
    assert names(gitexp, "loss", "--failed") == ["failed", "second", "last", "first"]


@pytest.mark.usefixtures("recorded")
def test_where_narrows_what_is_looked_at(gitexp: Gitexp) -> None:
    assert names(gitexp, "accuracy", "--where", "rate < 0.15") == ["second", "first"]
    assert names(gitexp, "accuracy", "--where", "rate > 9") == []


@pytest.mark.usefixtures("recorded")
def test_params_and_attributes_have_a_best_once_an_order_is_given(gitexp: Gitexp) -> None:
    assert names(gitexp, "params.rate", "--sort-order", "desc", "-N", "2") == ["last", "bare"]
    assert names(gitexp, "name", "--sort-order", "asc", "-N", "2") == ["bare", "first"]
    assert gitexp("best", "params.rate") == (
        ExitCode.ERROR,
        "",
        (
            "error: nothing says whether a high or a low 'rate' is better\n"
            "hint: Give `--sort-order asc` or `desc` to `gitexp best`.\n"
        ),
    )


@pytest.mark.usefixtures("recorded")
def test_a_metric_without_a_goal_is_an_error_with_the_two_ways_out(gitexp: Gitexp) -> None:
    told = (
        "error: nothing says whether a high or a low 'f1' is better\n"
        "hint: Set `policy: {f1: {goal: max}}`, or `goal: min`, in gitexp.yaml, or give "
        "`--sort-order asc` or `desc` to `gitexp best`.\n"
    )
    assert gitexp("best", "f1") == (ExitCode.ERROR, "", told)
    assert gitexp("show", "best:f1") == (ExitCode.ERROR, "", told)


@pytest.mark.usefixtures("recorded")
def test_a_metric_that_no_run_has_is_answered_with_the_close_ones(gitexp: Gitexp) -> None:
    assert gitexp("best", "acuracy") == (
        ExitCode.ERROR,
        "",
        ("error: no metric 'acuracy'\n  acuracy\n  ^^^^^^^\nhint: Did you mean 'accuracy'?\n"),
    )


@pytest.mark.usefixtures("recorded")
def test_a_param_is_said_to_be_one(gitexp: Gitexp) -> None:
    assert gitexp("best", "rate") == (
        ExitCode.ERROR,
        "",
        "error: 'rate' is a param\n  rate\n  ^^^^\nhint: Write `params.rate`.\n",
    )


@pytest.mark.usefixtures("recorded")
def test_best_of_a_metric_is_a_selector(gitexp: Gitexp) -> None:
    for text, name in (("best:accuracy", "last"), ("best:loss", "second")):
        assert json.loads(gitexp("show", text, "--json")[1])["name"] == name


@pytest.mark.usefixtures("work_tree")
def test_where_there_is_no_run_there_is_no_metric(gitexp: Gitexp) -> None:
    code, out, err = gitexp("best", "accuracy")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: no metric 'accuracy'\n")


@pytest.mark.usefixtures("recorded")
def test_several_metrics_have_a_front(gitexp: Gitexp) -> None:
    front = gitexp("best", "accuracy", "loss", "--md")

    assert front.err == ""
    assert front.out.splitlines()[2:] == [
        "| second | 0.97 | 0.3 | 2025-01-02 03:04 UTC | 5 s | 0.6 |",
        "",
        (
            "1 of 3 runs is on the front for high `accuracy` and low `loss`: no other is better"
            " in every respect; 2 runs without a number for each."
        ),
    ]
    assert names(gitexp, "accuracy", "loss", "--failed") == ["failed"]
    orders = ("--sort-order", "desc", "--sort-order", "desc")
    assert names(gitexp, "accuracy", "loss", *orders) == ["last", "first"]
    assert names(gitexp, "accuracy", "loss", "--where", "rate < 0.05") == ["first"]
    assert gitexp("best", "accuracy", "f1", "loss").code == ExitCode.ERROR
    assert gitexp("best", "accuracy", "loss", "--sort-order", "asc") == (
        ExitCode.ERROR,
        "",
        (
            "error: each metric has one order of its own\n"
            "hint: Give `--sort-order` 2 times, in the order of the metrics, or leave it out.\n"
        ),
    )
    assert gitexp("best", "accuracy", "loss", "--where", "rate > 9").out.endswith(
        "No runs with a number for each metric.\n"
    )


@pytest.mark.usefixtures("recorded")
def test_of_equals_all_are_on_the_front_and_a_limit_says_how_many_more(gitexp: Gitexp) -> None:
    front = gitexp("best", "accuracy", "duration", "--sort-order", "desc", "--sort-order", "asc")

    assert [line.split()[0] for line in front.out.splitlines()] == [
        *("name", "last", "second", "2")
    ]
    limited = gitexp(
        *("best", "accuracy", "duration", "--sort-order", "desc", "--sort-order", "asc", "-N", "1")
    )
    assert limited.out.endswith("1 more; `-N 0` shows all.\n")
