from __future__ import annotations

from datetime import datetime, timezone

import pytest

from gitexp.comparison.query.expression import And, Column, Comparison, Expression, Not, Or
from gitexp.comparison.query.parse import parse
from gitexp.comparison.query.place import QueryError, UnknownName
from gitexp.comparison.query.resolve import resolve

COLUMNS = [
    Column("metrics", "accuracy"),
    Column("metrics", "loss"),
    Column("metrics", "val.loss"),
    Column("metrics", "val.f1 score"),
    Column("metrics", "status"),
    Column("params", "loss"),
    Column("params", "train.lr"),
    Column("params", "train.seed"),
    Column("params", "data.seed"),
    Column("params", "a.yaml:depth"),
    Column("params", "metrics.every"),
    *(Column("params", f"layer{at}.units") for at in range(10)),
]


def resolved(text: str, columns: list[Column] = COLUMNS) -> Expression:
    return resolve(parse(text, now=datetime(2026, 11, 25, tzinfo=timezone.utc)), columns)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("accuracy", Column("metrics", "accuracy")),
        ("metrics.accuracy", Column("metrics", "accuracy")),
        ("`metrics.accuracy`", Column("metrics", "accuracy")),
        ("metrics.loss", Column("metrics", "loss")),
        ("params.loss", Column("params", "loss")),
        ("val.loss", Column("metrics", "val.loss")),
        ("`f1 score`", Column("metrics", "val.f1 score")),
        ("lr", Column("params", "train.lr")),
        ("params.lr", Column("params", "train.lr")),
        ("train.seed", Column("params", "train.seed")),
        ("depth", Column("params", "a.yaml:depth")),
        ("`a.yaml:depth`", Column("params", "a.yaml:depth")),
        ("every", Column("params", "metrics.every")),
        ("`metrics.every`", Column("params", "metrics.every")),
        ("`status`", Column("metrics", "status")),
        ("duration", Column("attribute", "duration")),
    ],
)
def test_names_are_found_whole_or_by_their_end(name: str, column: Column) -> None:
    assert resolved(f"{name} > 1") == Comparison(column, ">", 1)


def test_every_name_of_an_expression_is_resolved() -> None:
    found = resolved("lr > 1 and not (accuracy > 2 or name = x)")

    assert found == And(
        (
            Comparison(Column("params", "train.lr"), ">", 1),
            Not(
                Or(
                    (
                        Comparison(Column("metrics", "accuracy"), ">", 2),
                        Comparison(Column("attribute", "name"), "==", "x"),
                    )
                )
            ),
        )
    )


def test_a_column_that_is_told_twice_is_one() -> None:
    assert resolved("accuracy > 1", [COLUMNS[0], COLUMNS[0]]) == Comparison(COLUMNS[0], ">", 1)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "lr > 1 and loss < 1",
            "'loss' is ambiguous\n  lr > 1 and loss < 1\n             ^^^^",
            "It may be `metrics.loss` or `params.loss`.",
        ),
        (
            "params.seed = 1",
            "'params.seed' is ambiguous\n  params.seed = 1\n  ^^^^^^^^^^^",
            "It may be `params.train.seed` or `params.data.seed`.",
        ),
        (
            "units = 1",
            "'units' is ambiguous\n  units = 1\n  ^^^^^",
            "It may be "
            + ", ".join(f"`params.layer{at}.units`" for at in range(6))
            + " or 4 others.",
        ),
    ],
)
def test_an_ambiguous_name_is_answered_with_what_it_may_mean(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(QueryError) as caught:
        resolved(text)

    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("acuracy", "no metric, param or attribute 'acuracy'", "Did you mean 'accuracy'?"),
        ("Accuracy", "no metric, param or attribute 'Accuracy'", "Did you mean 'accuracy'?"),
        ("acc", "no metric, param or attribute 'acc'", "Did you mean 'accuracy'?"),
        ("LR", "no metric, param or attribute 'LR'", "Did you mean 'train.lr'?"),
        (
            "stauts",
            "no metric, param or attribute 'stauts'",
            "Did you mean 'metrics.status', 'status' or 'started'?",
        ),
        (
            "lss",
            "no metric, param or attribute 'lss'",
            "Did you mean 'metrics.loss', 'val.loss' or 'params.loss'?",
        ),
        ("metrics.duration", "no metric 'duration'", "Did you mean 'duration'?"),
        ("metrics.acuracy", "no metric 'acuracy'", "Did you mean 'metrics.accuracy'?"),
        ("params.accuracy", "no param 'accuracy'", "Did you mean 'metrics.accuracy'?"),
        (
            "metric.accuracy",
            "no metric, param or attribute 'metric.accuracy'",
            "Did you mean 'accuracy' or 'params.metrics.every'?",
        ),
        (
            "f1_score",
            "no metric, param or attribute 'f1_score'",
            "Did you mean 'metrics.`val.f1 score`'?",
        ),
        ("start_time", "no metric, param or attribute 'start_time'", "Did you mean 'started'?"),
        ("tags", "no metric, param or attribute 'tags'", "Did you mean 'tag'?"),
        (
            "tags.best",
            "no metric, param or attribute 'tags.best'",
            "A tag has no value: `tag = 'best'`.",
        ),
        (
            "xyzzy",
            "no metric, param or attribute 'xyzzy'",
            (
                "There are accuracy, metrics.loss, val.loss, metrics.`val.f1 score`, "
                "metrics.status, params.loss and 15 more."
            ),
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_close_ones(
    name: str, message: str, hint: str | None
) -> None:
    with pytest.raises(UnknownName) as caught:
        resolved(f"{name} > 1")

    assert str(caught.value) == f"{message}\n  {name} > 1\n  {'^' * len(name)}"
    assert caught.value.hint == hint


def test_without_any_run_every_name_is_unknown() -> None:
    with pytest.raises(UnknownName, match=r"^no metric, param or attribute 'accuracy'\n"):
        resolved("accuracy > 1", [])
