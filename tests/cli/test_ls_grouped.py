"""`gitexp ls --group-by` and `--pivot`: runs that share values, as one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import Exit, Inputs, RunRecord, Status

from tests.recorded import put_run
from tests.workshop import Gitexp, only_once

RUNS: tuple[tuple[str, float, int | None, float | None, Status], ...] = (
    ("one", 0.1, 3, 0.90, "done"),
    ("two", 0.1, 3, 0.94, "done"),
    ("three", 0.1, 5, 0.80, "done"),
    ("four", 0.01, 3, 0.70, "done"),
    ("five", 0.01, None, 0.60, "done"),
    ("six", 0.01, 5, 0.99, "failed"),
    ("seven", 0.01, 5, None, "done"),
)


@pytest.fixture
def recorded(repository: Repository, tmp_path: Path) -> None:
    """Seven runs with a rate, perhaps a depth, and an accuracy."""
    only_once(
        "grouped",
        Path(repository.top),
        lambda: [record(repository, at, run, tmp_path) for at, run in enumerate(RUNS)],
    )


def record(
    repository: Repository,
    at: int,
    run: tuple[str, float, int | None, float | None, Status],
    scratch: Path,
) -> str:
    name, rate, depth, accuracy, status = run
    one = RunRecord(
        id=f"id{at:08}",
        name=name,
        status=status,
        exit=Exit(0 if status == "done" else 1),
        command=("python", "train.py"),
        baseline="b" * 40,
        inputs=Inputs("c" * 40),
        started=f"2025-01-0{at + 1}T03:04:05.000Z",
        ended=f"2025-01-0{at + 1}T03:04:10.000Z",
        params={
            "params.yaml": {
                "train": {"lr": rate},
                **({} if depth is None else {"depth": depth}),
            }
        },
        metrics={} if accuracy is None else {"metrics.json": {"accuracy": accuracy, "loss": 1}},
    )
    return put_run(repository, one, scratch)


@pytest.mark.usefixtures("recorded")
def test_runs_that_share_a_value_are_a_row(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--group-by", "lr") == (
        ExitCode.OK,
        dedent("""\
              lr   n   not counted        accuracy   min    max   n    loss   n
            0.01   3             1   0.650 ± 0.071   0.6   0.7    2   1 ± 0   2
            0.1    3             0   0.880 ± 0.072   0.8   0.94   3   1 ± 0   3
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_metrics_to_keep_are_all_that_is_shown_of_groups(gitexp: Gitexp) -> None:
    kept = gitexp("ls", "--group-by", "lr", "--keep", "accuracy").out.splitlines()

    assert kept[0].split() == ["lr", "n", "not", "counted", "accuracy", "min", "max", "n"]
    assert " loss " in gitexp("ls", "--group-by", "lr", "--keep", "a", "--drop", "b").out


@pytest.mark.usefixtures("recorded")
def test_programs_get_the_numbers_of_groups_in_full(gitexp: Gitexp) -> None:
    rows = json.loads(gitexp("ls", "--group-by", "lr", "depth", "--json").out)

    assert [(one["by"], one["n"], one["failed"]) for one in rows] == [
        ({"train.lr": 0.01, "depth": 3}, 1, 0),
        ({"train.lr": 0.01, "depth": 5}, 1, 1),
        ({"train.lr": 0.01, "depth": None}, 1, 0),
        ({"train.lr": 0.1, "depth": 3}, 2, 0),
        ({"train.lr": 0.1, "depth": 5}, 1, 0),
    ]
    assert rows[1]["metrics"] == {}
    found = rows[3]["metrics"]["accuracy"]
    assert (found["min"], found["max"], found["n"]) == (0.9, 0.94, 2)
    assert found["mean"] == pytest.approx(0.92)
    table = list(csv.DictReader(io.StringIO(gitexp("ls", "--group-by", "lr,depth", "--csv").out)))
    assert table[2]["depth"] == ""
    assert float(table[3]["metrics.accuracy.max"]) == 0.94
    best = json.loads(
        gitexp("ls", "--group-by", "depth", "--sort-by", "accuracy", "-N", "2", "--json").out
    )
    assert [one["by"]["depth"] for one in best] == [3, 5]
    some = json.loads(gitexp("ls", "--group-by", "depth", "--where", "lr = 0.01", "--json").out)
    assert [(one["by"]["depth"], one["n"]) for one in some] == [(3, 1), (5, 1), (None, 1)]


@pytest.mark.usefixtures("recorded")
def test_a_pivot_has_a_value_by_two_others(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--pivot", "lr", "depth", "accuracy") == (
        ExitCode.OK,
        dedent("""\
            train.lr \\ depth        3     5     –
                        0.01   0.7            0.6
                        0.1    0.92 *   0.8
            * the best 'accuracy'
            Cells: the mean of 'accuracy' of 1 to 2 runs each.
            Not counted: 1 run that did not end well, 1 run without 'accuracy'.
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_how_runs_of_a_cell_are_joined_can_be_chosen(gitexp: Gitexp) -> None:
    def cell(joined: str) -> float:
        out = gitexp("ls", "--pivot", "lr", "depth", "accuracy", "--agg", joined, "--json").out
        found = json.loads(out)
        assert (found["rows"], found["columns"], found["agg"]) == ("train.lr", "depth", joined)
        [one] = [one for one in found["cells"] if (one["row"], one["column"]) == (0.1, 3)]
        return float(one["value"])

    assert [cell(one) for one in ("mean", "best", "min", "max", "n")] == [
        *(pytest.approx(0.92), 0.94, 0.9, 0.94, 2)
    ]
    out = gitexp("ls", "--pivot", "lr", "depth", "accuracy", "--agg", "max", "--csv").out
    assert out.splitlines() == ["train.lr,depth=3,depth=5,depth=", "0.01,0.7,,0.6", "0.1,0.94,0.8,"]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--group-by", "lr", "--pivot", "lr", "depth", "accuracy"], "`--group-by` does not go"),
        (["--group-by", "nothing"], "no metric, param or attribute 'nothing'"),
        (["--group-by", "tag"], "'tag' is not one value of a run"),
        (["--pivot", "lr", "depth", "accuracy", "-N", "3"], "`--pivot` does not go with `--limit`"),
        (["--agg", "max"], "`--agg` is about the cells"),
        (["--pivot", "lr", "depth", "f1"], "no metric 'f1'"),
        (["--pivot", "lr", "status", "duration", "--agg", "best"], "nothing says whether a high"),
        (["--group-by", "lr", "--sort-by", "started"], "groups have no 'started'"),
    ],
)
def test_what_makes_no_sense_is_refused(gitexp: Gitexp, args: list[str], message: str) -> None:
    ended = gitexp("ls", *args)

    assert (ended.code, ended.out) == (ExitCode.ERROR, "")
    assert ended.err.startswith(f"error: {message}")


@pytest.mark.usefixtures("recorded")
def test_a_baseline_is_pinned_on_top_and_the_others_are_held_against_it(gitexp: Gitexp) -> None:
    drop = ("--drop", "started|duration|loss|lr|depth")
    assert gitexp("ls", "--baseline", "one", "--where", "lr = 0.1 or name = five", *drop) == (
        ExitCode.OK,
        dedent("""\
            name    accuracy   change
            one         0.9
            five        0.6     -0.3
            three       0.8     -0.1
            two         0.94    +0.04
            Changes are from 'one', which stands first.
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_programs_get_changes_from_the_baseline_with_their_marks(gitexp: Gitexp) -> None:
    where = ("--where", "lr = 0.01", "--sort-by", "ended")
    rows = json.loads(gitexp("ls", "--baseline", "two", *where, "--json").out)

    assert [one["name"] for one in rows] == ["seven", "six", "five", "four"]
    assert {one["against"] for one in rows} == {"two"}
    assert rows[0]["change"] == {}
    change = rows[1]["change"]["accuracy"]
    assert (change["delta"], change["mark"]) == (0.05, "better")
    assert change["relative"] == pytest.approx(0.05 / 0.94)
    assert rows[3]["change"]["accuracy"]["mark"] == "worse"
    table = list(
        csv.DictReader(io.StringIO(gitexp("ls", "--baseline", "two", *where, "--csv").out))
    )
    assert [row["change.accuracy"] for row in table] == ["", "0.05", "-0.34", "-0.24"]
    assert gitexp("ls", "--baseline", "nobody").err.startswith("error: no run 'nobody'")
    assert gitexp("ls", "--baseline", "two", "--group").code == ExitCode.ERROR
