"""`gitexp trend`: a metric over the runs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import Documents, Exit, Inputs, RunRecord

from tests.recorded import put_run
from tests.workshop import Gitexp

ACCURACIES = {"first": 0.9, "worse": 0.85, "failed": None, "better": 0.95, "best": 0.955}


@pytest.fixture
def recorded(repository: Repository, tmp_path: Path) -> None:
    """Five runs of the work tree, recorded in another order than that in which they started."""
    for at, (name, accuracy) in reversed(list(enumerate(ACCURACIES.items(), 1))):
        metrics: Documents = {"metrics.json": {"accuracy": accuracy, "val": {"loss": 0.5 / at}}}
        run = RunRecord(
            id=f"{at}" * 10,
            name=name,
            status="done" if accuracy else "failed",
            exit=Exit(0 if accuracy else 3),
            command=("python", "train.py"),
            baseline="b" * 40,
            inputs=Inputs("c" * 40),
            started=f"2025-01-0{at}T03:04:05.000Z",
            ended=f"2025-01-0{at}T03:04:10.000Z",
            metrics=metrics if accuracy else {},
            params={"params.yaml": {"rate": 0.1 * at}} if at > 3 else {},
        )
        put_run(repository, run, tmp_path)


@pytest.mark.usefixtures("recorded")
def test_a_trend_is_a_line_and_a_table_with_the_improvements_marked(gitexp: Gitexp) -> None:
    assert gitexp("trend", "accuracy") == (
        ExitCode.OK,
        dedent("""\
            accuracy: 4 runs, 0.85 to 0.955

            ▄▁██

            run      started      accuracy   change   best so far
            first    2025-01-01    0.9                      0.9
            worse    2025-01-02    0.85      -0.05          0.9
            better   2025-01-04    0.95  *   +0.1           0.95
            best     2025-01-05    0.955 *   +0.005         0.955
            * better than every run before
            without 'accuracy': 1 run (1 failed or interrupted)
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_without_a_goal_nothing_is_marked_and_it_is_said_why(gitexp: Gitexp) -> None:
    _, out, err = gitexp("trend", "loss")

    assert err == ""
    assert out.splitlines()[4:] == [
        "run      started      val.loss   change",
        "first    2025-01-01      0.5",
        "worse    2025-01-02      0.25    -0.25",
        "better   2025-01-04      0.125   -0.125",
        "best     2025-01-05      0.1     -0.025",
        "without 'val.loss': 1 run (1 failed or interrupted)",
        "no marks: gitexp.yaml has no goal for 'val.loss' (policy: max or min)",
    ]


@pytest.mark.usefixtures("recorded")
def test_the_last_runs_are_shown_and_the_best_is_that_of_all(gitexp: Gitexp) -> None:
    _, out, _ = gitexp("trend", "accuracy", "-N", "1", "--json")
    _, where, _ = gitexp("trend", "accuracy", "--where", "accuracy < 0.94", "--csv")

    assert json.loads(out)["runs"] == [
        {
            "oid": json.loads(out)["runs"][0]["oid"],
            "id": "5555555555",
            "name": "best",
            "started": "2025-01-05T03:04:05.000Z",
            "value": 0.955,
            "change": 0.005,
            "best": 0.955,
            "improved": True,
        }
    ]
    assert [row["name"] for row in csv.DictReader(io.StringIO(where))] == ["first", "worse"]


@pytest.mark.usefixtures("recorded")
def test_markdown_has_the_line_as_code_and_the_improvements_bold(gitexp: Gitexp) -> None:
    lines = gitexp("trend", "accuracy", "--md")[1].splitlines()

    assert lines[:5] == [
        "### accuracy: 4 runs, 0.85 to 0.955",
        "",
        "`▄▁██`",
        "",
        "| run | started | accuracy | change | best so far |",
    ]
    assert lines[8] == "| better | 2025-01-04 03:04 UTC | **0.95** | +0.1 | 0.95 |"
    assert "**Bold:** better than every run before" in lines


@pytest.mark.usefixtures("recorded")
def test_a_metric_that_is_not_there_is_answered_with_the_close_one(gitexp: Gitexp) -> None:
    code, out, err = gitexp("trend", "acuracy")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.splitlines()[0] == "error: no metric 'acuracy'"
    assert err.splitlines()[-1] == "hint: Did you mean 'accuracy'?"


@pytest.mark.usefixtures("recorded")
def test_a_param_is_followed_under_its_whole_name_alone(gitexp: Gitexp) -> None:
    assert gitexp("trend", "rate") == (
        ExitCode.ERROR,
        "",
        "error: 'rate' is a param\n  rate\n  ^^^^\nhint: Write `params.rate`.\n",
    )
    code, out, err = gitexp("trend", "params.rate")

    assert (code, err) == (ExitCode.OK, "")
    assert out.splitlines() == [
        "rate: 2 runs, 0.4 to 0.5",
        "",
        "▁█",
        "",
        "run      started      rate   change",
        "better   2025-01-04    0.4",
        "best     2025-01-05    0.5     +0.1",
        "without 'rate': 3 runs (1 failed or interrupted)",
    ]


@pytest.mark.usefixtures("work_tree")
def test_without_runs_there_is_nothing_to_follow(gitexp: Gitexp) -> None:
    assert gitexp("trend", "accuracy") == (
        ExitCode.ERROR,
        "",
        "error: there are no runs to follow\nhint: Make one with `gitexp run`.\n",
    )


@pytest.mark.usefixtures("recorded")
def test_a_terminal_that_lacks_the_characters_gets_others(
    gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitexp.cli.output._encoding", lambda: "ascii")

    _, out, _ = gitexp("trend", "accuracy")

    assert out.splitlines()[2] == "=_##"
    assert out.isascii()
