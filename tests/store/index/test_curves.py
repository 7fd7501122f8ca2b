"""What is asked of curves, answered by the index, without reading them but for `at(…)`."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from gitexp.comparison.query.expression import Column, Comparison, Expression
from gitexp.comparison.query.parse import parse, parse_column
from gitexp.comparison.query.place import QueryError
from gitexp.comparison.query.resolve import resolve

from tests.workshop import Gitexp

NOW = datetime(2026, 11, 25, tzinfo=timezone.utc)
KNOWN = [
    Column("metrics", "val.loss"),
    *(Column("series", f"{name}(val.loss)") for name in ("last", "min", "max", "count")),
    *(Column("series", f"{name}(train/acc)") for name in ("last", "min", "max", "count")),
    Column("series", "at(val.loss, 3)"),
]
TRAIN = """\
import gitexp, sys
for step, loss in enumerate(sys.argv[1:]):
    gitexp.log({"val.loss": float(loss)}, step=10 * step)
"""


def asked(text: str) -> Expression:
    return resolve(parse(text, now=NOW), KNOWN)


@pytest.mark.parametrize(
    ("text", "name", "op"),
    [
        ("max(val.loss) > 1", "max(val.loss)", ">"),
        ("min(loss) > 1", "min(val.loss)", ">"),
        ("1 > LAST( `val.loss` )", "last(val.loss)", "<"),
        ("at(val.loss, 100) > 1", "at(val.loss, 100)", ">"),
        ("at(loss, 1.50) > 1", "at(val.loss, 1.5)", ">"),
        ("count(acc) > 1", "count(train/acc)", ">"),
        ("max(train/acc) > 1", "max(train/acc)", ">"),
    ],
)
def test_a_curve_is_asked_by_its_name_or_the_end_of_it(text: str, name: str, op: str) -> None:
    assert asked(text) == Comparison(Column("series", name), op, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max(foo) > 1", "no run has logged a curve 'foo'"),
        ("at(loss) > 1", "'at' needs a step"),
        ("at(loss, x) > 1", "'at' needs a step"),
        ("max(loss, 3) > 1", "'max' takes a name alone"),
        ("max(3) > 1", "'3' is not the name of a curve"),
        ("max(loss > 1", "expected ')', found '>'"),
        ("max(loss) > min(loss)", "two columns cannot be compared"),
    ],
)
def test_what_cannot_be_asked_is_said(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message.replace("(", r"\(").replace(")", r"\)")):
        asked(text)


def test_a_column_may_be_called_like_a_function() -> None:
    assert parse_column("max") == Column("bare", "max")
    assert parse_column("max(val.loss)") == Column("series", "max(val.loss)")
    assert parse("max > 1", now=NOW) == Comparison(Column("bare", "max"), ">", 1)


def test_runs_are_found_and_ranked_by_their_curves(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "train.py").write_text(TRAIN)
    for name, values in (("a", "3 1 2"), ("b", "4 2 1.5 9")):
        assert gitexp("run", "-n", name, "--", "python", "train.py", *values.split()).code == 0
    gitexp("run", "-n", "none", "--", "true")

    def found(text: str) -> list[str]:
        listed = gitexp("ls", "--where", text, "--csv").out.splitlines()
        at = listed[0].split(",").index("name") if listed else 0
        return [line.split(",")[at] for line in listed[1:]]

    assert found("min(val.loss) < 1.2") == ["a"]
    assert found("at(val.loss, 10) <= 2 and count(val.loss) = 4") == ["b"]
    assert found("at(val.loss, 25) = 1.5 or at(val.loss, 9) = 3") == ["b", "a"]
    assert found("not max(val.loss) > 3") == ["none", "a"]
    assert found("last(val.loss) is null") == ["none"]
    heads = [
        line.split()[:2]
        for line in gitexp("best", "loss", "--at", "best", "--sort-order", "asc").out.splitlines()
    ]
    assert heads == [["name", "min(val.loss)"], ["a", "1.0"], ["b", "1.5"]]
    assert gitexp("best", "loss", "--at", "best").err.startswith(
        "error: nothing says whether a high or a low 'val.loss' is better\n"
        "hint: Set `policy: {val.loss: {goal: max}}`, or `goal: min`, in gitexp.yaml"
    )
    by_step = gitexp("best", "loss", "--at", "20", "--sort-order", "asc").out.splitlines()
    assert [line.split()[0] for line in by_step[1:]] == ["b", "a"]
    gitexp("run", "-n", "c", "--", "python", "train.py", "1", "7")
    (work_tree / "gitexp.yaml").write_text("metrics: [log.csv]\n")
    csv = "printf 'step,val.loss,acc\\n0,5,\\n10,7,0.5\\n20,6,0.75\\n' > log.csv"
    gitexp("run", "-n", "csv", "--", "sh", "-c", csv)
    assert found("at(val.loss, 10) = 7") == ["csv", "c"]
    assert found("max(acc) = 0.75 and at(acc, 12) = 0.5") == ["csv"]
    assert gitexp("best", "loss", "--at", "x").code == 2
