"""`gitexp sql`: a question in SQL, as a person and as a program ask it."""

from __future__ import annotations

import io
import json

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Gitexp

pytestmark = pytest.mark.usefixtures("two_runs")


def test_an_answer_is_a_table_and_the_same_for_programs(gitexp: Gitexp) -> None:
    asked = "select name, accuracy, x'ff' as name, null as empty from runs order by name"

    code, out, err = gitexp("sql", asked)
    _, as_json, _ = gitexp("sql", asked, "--json")
    _, as_csv, _ = gitexp("sql", asked, "--csv")

    rows = json.loads(as_json)
    assert (code, err) == (ExitCode.OK, "")
    assert out.splitlines()[0].split() == ["name", "accuracy", "name", "(2)", "empty"]
    assert [line.split()[0] for line in out.splitlines()[1:]] == [row["name"] for row in rows]
    assert [list(row) for row in rows] == [["name", "accuracy", "name (2)", "empty"]] * 2
    assert [(row["name (2)"], row["empty"]) for row in rows] == [("/w==", None)] * 2
    assert as_csv.splitlines()[0] == "name,accuracy,name (2),empty"
    assert len(as_csv.splitlines()) == 3


def test_without_a_statement_the_tables_are_listed(gitexp: Gitexp) -> None:
    _, out, err = gitexp("sql")
    _, as_json, _ = gitexp("sql", "--json")

    assert err == ""
    assert [line.split()[0] for line in out.splitlines()] == [
        *("table", "runs", "metrics", "params", "curves", "tags", "outputs")
    ]
    runs = json.loads(as_json)[0]
    assert runs["table"] == "runs"
    assert {"name", "status", "accuracy"} <= set(runs["columns"])


def test_a_statement_comes_from_standard_input(
    gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select count(*) as n\nfrom runs"))

    assert gitexp("sql", "-", "--csv") == (ExitCode.OK, "n\n2\n", "")


def test_what_is_wrong_is_said_with_exit_code_2(gitexp: Gitexp) -> None:
    said = (
        "error: no such column: acuracy\n"
        "hint: Did you mean 'accuracy'? `gitexp sql` lists the tables and their columns.\n"
    )

    assert gitexp("sql", "select acuracy from runs") == (ExitCode.ERROR, "", said)
    assert gitexp("sql", "select name from runs where 0") == (ExitCode.OK, "No rows.\n", "")
