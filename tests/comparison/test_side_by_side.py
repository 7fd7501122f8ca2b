from __future__ import annotations

import pytest

from gitexp.comparison.changes import Change, Side
from gitexp.comparison.diff import diff_sides
from gitexp.comparison.differences import differences
from gitexp.comparison.side_by_side import side_by_side
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Documents

OWN: Documents = {"metrics.json": {"loss": 0.4, "val": {"acc": 0.9}}}
IMPORTED: Documents = {"wandb": {"loss": 0.5, "val": {"acc": 0.8}, "f1": 1}}


def test_a_metric_of_an_imported_run_is_compared_with_the_same_one_in_a_file() -> None:
    old, new = (Side("", {}, metrics, {}, None) for metrics in (IMPORTED, OWN))
    policy = Policy((("loss", Rule("min")),))

    found = diff_sides(old, new, (), policy).metrics

    assert [(one.file, one.name) for one in found] == [
        *(("metrics.json", "loss"), ("metrics.json", "val.acc")),
        ("wandb", "f1"),
    ]
    assert found[0] == Change("metrics.json", "loss", 0.5, 0.4, "better")
    several = differences([new, old, new], [(), ()], Policy()).metrics
    assert several[0].values == (0.4, 0.5, 0.4)


@pytest.mark.parametrize(
    ("sides", "placed"),
    [
        (
            [{"mlflow": {"a": 1}}, {"csv": {"a": 2}}],
            [{"mlflow": {"a": 1}}, {"mlflow": {"a": 2}}],
        ),
        (
            [{"mlflow": {"a": 1, "b": 1}}, {"mlflow": {"b": 2}, "m.json": {"a": 2}}],
            [{"mlflow": {"b": 1}, "m.json": {"a": 1}}, {"mlflow": {"b": 2}, "m.json": {"a": 2}}],
        ),
        (
            [{"csv": {"lr": 1}}, {"params.yaml": {"lr": 2}, "command": {"lr": 3}}],
            "in two places on one side",
        ),
        (
            [{"csv": {"a": 1}}, {"m.json": {"a": 2}}, {"n.json": {"a": 3}}],
            "in another file on each side",
        ),
        ([{"m.json": {"a": 1}}, {"n.json": {"a": 2}}], "in files alone"),
        ([{"csv": {"a": 1}}, {"csv": {"a": 2}, "m.json": {"b": 2}}], "under the same name"),
        ([{"csv": {"a": 1, "b": {}}}, {}], "on one side"),
    ],
)
def test_what_is_not_clearly_the_same_stays_where_it_is(
    sides: list[Documents], placed: list[Documents] | str
) -> None:
    assert side_by_side(sides) == (sides if isinstance(placed, str) else placed)
