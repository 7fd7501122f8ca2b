from __future__ import annotations

from datetime import datetime, timezone

import pytest

from gitexp.comparison.query.expression import And, Column, Comparison, Expression, Not, Or
from gitexp.comparison.query.parse import parse, parse_column
from gitexp.comparison.query.place import QueryError, UnknownName
from gitexp.comparison.query.resolve import resolve, resolve_metric
from gitexp.comparison.query.spelling import text_of

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

IN_FILES = [
    Column("metrics", "val/acc"),
    Column("metrics", "val.loss"),
    Column("metrics", "val/loss"),
    Column("metrics", "loss"),
    Column("params", "lr"),
    Column("params", "params.yaml:lr"),
    Column("params", "command:lr"),
    Column("params", "command:loss"),
    Column("params", "json:size"),
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
        ("train/lr", Column("params", "train.lr")),
        ("depth", Column("params", "a.yaml:depth")),
        ("a.yaml:depth", Column("params", "a.yaml:depth")),
        ("`a.yaml:depth`", Column("params", "a.yaml:depth")),
        ("every", Column("params", "metrics.every")),
        ("`metrics.every`", Column("params", "metrics.every")),
        ("`status`", Column("metrics", "status")),
        ("duration", Column("attribute", "duration")),
    ],
)
def test_names_are_found_whole_or_by_their_end(name: str, column: Column) -> None:
    assert resolved(f"{name} > 1") == Comparison(column, ">", 1)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("acc", Column("metrics", "val/acc")),
        ("val.acc", Column("metrics", "val/acc")),
        ("val.loss", Column("metrics", "val.loss")),
        ("val/loss", Column("metrics", "val/loss")),
        ("metrics.loss", Column("metrics", "loss")),
        ("params.lr", Column("params", "lr")),
        ("params.yaml:lr", Column("params", "params.yaml:lr")),
        ("params.params.yaml:lr", Column("params", "params.yaml:lr")),
        ("command:lr", Column("params", "command:lr")),
        ("params.command:lr", Column("params", "command:lr")),
        ("json:size", Column("params", "json:size")),
        ("loss", Column("metrics", "loss")),
    ],
)
def test_dots_and_slashes_are_alike_and_a_file_is_part_of_a_name(name: str, column: Column) -> None:
    assert resolved(f"{name} > 1", IN_FILES) == Comparison(column, ">", 1)
    again = text_of(Comparison(column, ">", 1))
    assert resolved(again, IN_FILES) == Comparison(column, ">", 1)


def test_a_name_that_some_runs_have_in_two_files_is_never_that_of_the_others_alone() -> None:
    with pytest.raises(QueryError, match=r"^'lr' is ambiguous\n") as caught:
        resolved("lr = 0.3", IN_FILES)

    assert caught.value.hint == (
        "Write `params.lr` for runs that have it in one file,"
        " `params.yaml:lr` or `command:lr` for those with several."
    )


def test_a_file_before_a_name_that_no_run_has_twice_is_answered_with_the_name() -> None:
    with pytest.raises(UnknownName) as caught:
        resolved("metrics.json:acc > 0.9", IN_FILES)

    assert caught.value.hint == (
        "Write `metrics.val/acc`: a file stands before a name that two files of a run have."
    )


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("lr", "'lr' is a param", "Write `params.lr`, `params.yaml:lr` or `command:lr`."),
        ("acc", None, None),
        ("f1", "no metric 'f1'", "There are val/acc, val.loss, val/loss, loss."),
    ],
)
def test_a_metric_is_looked_for_among_metrics(
    name: str, message: str | None, hint: str | None
) -> None:
    if message is None:
        assert resolve_metric(parse_column(name), IN_FILES) == Column("metrics", "val/acc")
        return
    with pytest.raises(UnknownName) as caught:
        resolve_metric(parse_column(name), IN_FILES)

    assert str(caught.value).partition("\n")[0] == message
    assert caught.value.hint == hint


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
