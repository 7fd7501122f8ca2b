"""A metric over runs: which one is meant, and where it got better."""

from __future__ import annotations

import math

import pytest

from gitexp.comparison.query.expression import Column
from gitexp.comparison.trend import MeasuredRun, find_values, followed_kind, trend
from gitexp.errors import GitexpError
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.values import Value

POLICY = Policy((("acc", Rule("max", tolerance=0.01)), ("loss", Rule("min"))))


def run(day: int, status: str = "done", **files: dict[str, Value]) -> MeasuredRun:
    record = RunRecord(
        id=f"{day:010}",
        name=f"day-{day}",
        status=status,  # type: ignore[arg-type]  # tests give one of the three
        exit=Exit(0),
        command=(),
        baseline="b" * 40,
        inputs=Inputs("c" * 40),
        started=f"2026-01-{day:02}T00:00:00.000Z",
        ended=f"2026-01-{day:02}T00:00:01.000Z",
        metrics={f"{name}.json": values for name, values in files.items()},
    )
    return MeasuredRun.of(f"oid-{day}", record)


def accuracies(*values: Value) -> list[MeasuredRun]:
    return [run(at, m={"acc": value}) for at, value in enumerate(values, 1)]


def test_runs_are_followed_in_the_order_in_which_they_started() -> None:
    found = trend("acc", reversed(accuracies(0.5, 0.7, 0.6)), POLICY)

    assert [step.run.oid for step in found.steps] == ["oid-1", "oid-2", "oid-3"]
    assert [step.value for step in found.steps] == [0.5, 0.7, 0.6]
    assert [step.change for step in found.steps] == [None, 0.2, -0.1]
    assert [step.best for step in found.steps] == [0.5, 0.7, 0.7]
    assert [step.improved for step in found.steps] == [False, True, False]


def test_the_lower_is_the_better_where_the_goal_says_so() -> None:
    runs = [run(at, m={"loss": loss}) for at, loss in enumerate([3, 1, 2], 1)]

    found = trend("loss", runs, POLICY)

    assert [(step.best, step.improved) for step in found.steps] == [
        (3, False),
        (1, True),
        (1, False),
    ]


def test_small_steps_are_an_improvement_once_they_add_up_to_more_than_the_tolerance() -> None:
    found = trend("acc", accuracies(0.5, 0.508, 0.516, 0.52), POLICY)

    assert [step.improved for step in found.steps] == [False, False, True, False]
    assert [step.best for step in found.steps] == [0.5, 0.508, 0.516, 0.52]


def test_without_a_goal_nothing_is_better() -> None:
    found = trend("acc", accuracies(0.5, 0.9), Policy())

    assert found.goal is None
    assert [(step.best, step.improved) for step in found.steps] == [(None, False)] * 2


def test_runs_without_a_number_are_counted_and_those_that_failed_apart() -> None:
    runs = [
        *accuracies(0.5, "high", True, None),
        run(8, "failed"),
        run(9, "interrupted", m={"loss": 1}),
    ]

    found = trend("acc", runs, POLICY)

    assert (len(found.steps), found.without, found.failed) == (1, 5, 2)


def test_nan_is_a_value_and_never_the_best() -> None:
    found = trend("acc", accuracies(0.5, math.nan, 0.6), POLICY)

    assert [step.best for step in found.steps] == [0.5, 0.5, 0.6]
    assert [step.improved for step in found.steps] == [False, False, True]


def test_the_last_part_of_a_name_will_do_where_it_is_the_only_one() -> None:
    runs = [run(1, m={"val": {"f1": 1, "loss": 2}}), run(2, m={"train": {"loss": 1}, "acc": 1})]

    assert find_values("f1", runs) == "val.f1"
    assert find_values("val.loss", runs) == find_values("metrics.val.loss", runs) == "val.loss"
    with pytest.raises(GitexpError, match=r"^'loss' is ambiguous") as refused:
        find_values("loss", runs)
    assert refused.value.hint == "It may be `metrics.val.loss` or `metrics.train.loss`."


def test_a_metric_that_a_run_has_in_two_files_is_asked_for_with_its_file() -> None:
    runs = [run(1, a={"loss": 1}, b={"loss": 2}), run(2, a={"acc": 3})]

    with pytest.raises(GitexpError, match=r"^'loss' is ambiguous"):
        find_values("loss", runs)
    name = find_values("b.json:loss", [runs[0], runs[1]])

    assert [step.value for step in trend(name, runs[:1], POLICY).steps] == [2]


def test_a_metric_that_no_run_has_is_answered_with_the_close_one() -> None:
    with pytest.raises(GitexpError, match=r"^no metric 'acx'") as refused:
        find_values("acx", [run(1, m={"acc": 1})])

    assert refused.value.hint == "Did you mean 'acc'?"


def test_an_attribute_is_not_followed() -> None:
    with pytest.raises(GitexpError, match=r"^'duration' is no metric$"):
        find_values("duration", [run(1, m={"acc": 1})])


def test_a_param_is_told_to_be_one_and_followed_under_its_whole_name() -> None:
    record = RunRecord(
        *("id", "name", "done", Exit(0), (), "b" * 40, Inputs("c" * 40)),
        *("2026-01-02T03:04:05.000Z",) * 2,
        params={"p.yaml": {"train": {"lr": 0.1}}},
    )
    params = [Column("params", "train.lr")]

    with pytest.raises(GitexpError, match=r"^'lr' is a param\n") as refused:
        find_values("lr", [MeasuredRun.of("oid", record)], params)
    followed = [MeasuredRun.of("oid", record, followed_kind("params.lr"))]
    name = find_values("params.lr", followed, params)

    assert refused.value.hint == "Write `params.train.lr`."
    assert [step.value for step in trend(name, followed, None).steps] == [0.1]
