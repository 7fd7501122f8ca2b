"""Runs that repeat one another, as one."""

from __future__ import annotations

import math
import statistics

import pytest
from msgspec.structs import replace
from scipy.stats import ttest_ind

from gitexp.comparison.changes import Change
from gitexp.model.policy import Policy, Rule
from gitexp.model.record import RunRecord
from gitexp.review.group import group_of, noise_between
from gitexp.review.noise import mark_of
from gitexp.review.statistics import compare, sample

from tests.model import workshop

RECORD = replace(
    workshop.RUN,
    id="a" * 10,
    name="a",
    started="2026-01-01T00:00:00.000Z",
    ended="2026-01-01T00:00:04.000Z",
    params={"params.yaml": {"lr": 0.1, "seed": 1}},
)


def run(at: int, accuracy: float | str | None, **facts: object) -> tuple[str, RunRecord]:
    """Return a run that started in the minute `at`."""
    metrics = {} if accuracy is None else {"metrics.json": {"accuracy": accuracy}}
    record = replace(
        RECORD,
        id=f"id{at}",
        name=f"run-{at}",
        started=f"2026-01-01T00:0{at}:00.000Z",
        ended=f"2026-01-01T00:0{at}:02.000Z",
        metrics=metrics,
        **facts,
    )
    return f"oid{at}", record


def test_a_group_is_called_after_its_first_run_and_counts_those_that_ended_well() -> None:
    group = group_of(
        [
            run(3, 0.93),
            run(1, 0.5, status="failed"),
            run(2, 0.91),
            run(4, None),
            run(5, "none"),
        ],
        lambda name: name == "seed",
    )

    assert (group.name, group.count, group.failed) == ("run-2", 4, 1)
    assert [one.name for one in group.runs] == ["run-2", "run-3", "run-4", "run-5", "run-1"]
    assert group.metrics["accuracy"].values == (0.91, 0.93)
    assert group.params == {"lr": 0.1}
    assert group.duration == 2.0
    assert group.metrics["accuracy"].deviation == pytest.approx(statistics.stdev([0.91, 0.93]))


def test_a_group_of_failures_has_the_numbers_of_its_first_run() -> None:
    group = group_of([run(1, 0.5, status="failed"), run(2, 0.6, status="failed")], bool)

    assert (group.count, group.failed) == (0, 2)
    assert group.metrics["accuracy"].values == (0.5,)


def test_neighbours_are_told_apart_as_scipy_tells_them() -> None:
    values = [[0.95, 0.951, 0.949], [0.93, 0.94, 0.95], [0.93, 0.95, 0.94], [0.9], [0.1, 0.2]]

    found = noise_between([*map(sample, values), None])

    for at in (1, 2):
        one = found[at]
        assert one is not None
        expected = ttest_ind(values[at], values[at - 1], equal_var=False).pvalue
        assert one.p == pytest.approx(expected)
        assert one.noise == (expected >= 0.05)
    assert [one is None for one in found] == [True, False, False, True, True, True]


LOSS = Policy((("loss", Rule("min", tolerance=0.01)),))


@pytest.mark.parametrize(
    ("old", "new", "name", "expected"),
    [
        ([1.0, 1.2, 1.1], [1.1, 1.3, 1.0], "loss", "within noise"),
        ([1.0, 1.2, 1.1], [0.1, 0.2, 0.3], "loss", "better"),
        ([1.0, 1.2, 1.1], [1.0, 9.0, 8.0], "other", "within noise"),
        ([1.0, 1.01, 1.02], [8.0, 9.0, 8.5], "other", ""),
        ([1.0], [5.0, 5.1], "loss", "worse"),  # one run cannot be tested
        ([1.0, 1.0], [1.005, 1.005], "loss", "within tolerance"),
        ([math.nan, 1.0], [5.0, 5.1], "loss", "worse"),
    ],
)
def test_repeats_decide_what_is_said_of_a_change(
    old: list[float], new: list[float], name: str, expected: str
) -> None:
    first = old[-1], new[0]
    change = Change("metrics.json", name, *first, mark=LOSS.mark(name, *first))

    assert mark_of(change, compare(old, new), LOSS) == expected
    assert mark_of(change, None, LOSS) == change.mark
