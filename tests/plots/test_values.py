"""Values of runs as charts."""

from __future__ import annotations

import math

import pytest

from gitexp.errors import GitexpError
from gitexp.plots.classes import confusion_chart, pr_chart, roc_chart
from gitexp.plots.values import (
    Named,
    front_of,
    parallel_chart,
    pareto_chart,
    scatter_chart,
    trend_chart,
)

RUNS = ("a", "b", "c", "d")


def test_a_scatter_leaves_out_runs_without_either_value() -> None:
    lr, loss = Named("lr", (0.1, 0.2, None, "big")), Named("loss", (1.0, None, 3.0, 4.0))

    chart = scatter_chart(lr, loss, RUNS)

    assert (chart.labels, chart.x, chart.y) == (("a", "d"), (0.1, "big"), (1.0, 4.0))
    assert chart.note == "2 runs without lr or loss"
    assert not chart.is_numeric


def test_what_no_axis_reaches_does_not_stretch_the_other_one() -> None:
    lr, loss = Named("lr", (0.1, 9.0, 0.0)), Named("loss", (1.0, math.inf, 2.0))

    plain, by_powers = scatter_chart(lr, loss, RUNS[:3]), scatter_chart(lr, loss, RUNS[:3], "x")
    trend = trend_chart(Named("loss", (math.nan, 3.0, -math.inf)), RUNS[:3], "max")

    assert (plain.x, plain.note) == ((0.1, 0.0), "left out, as not finite: b")
    assert by_powers.labels == ("a",)
    assert by_powers.note == "left out, as not finite, or without a logarithm: b, c"
    assert trend.note == "a to c; left out, as not finite: a, c"
    assert list(trend.curves[1].y)[1:] == [3.0, 3.0]
    with pytest.raises(GitexpError, match=r"'lr' or 'loss' is not finite$"):
        scatter_chart(lr, Named("loss", (math.inf,) * 3), RUNS[:3])
    with pytest.raises(GitexpError, match=r"is not finite, or without a logarithm$"):
        scatter_chart(lr, Named("loss", (0, -1, 0)), RUNS[:3], "y")


def test_a_scatter_of_nothing_says_what_is_lacking() -> None:
    with pytest.raises(GitexpError, match="no run has both 'lr' and a number for 'loss'"):
        scatter_chart(Named("lr", (None,)), Named("loss", (1.0,)), ["a"])


def test_the_front_is_what_none_is_better_than_in_both() -> None:
    size, accuracy = Named("size", (1, 2, 3, 4)), Named("accuracy", (0.8, 0.9, 0.85, 0.95))

    chart = pareto_chart(size, accuracy, RUNS, ("min", "max"))

    assert [chart.labels[at] for at in chart.front] == ["a", "b", "d"]
    assert chart.note == "3 runs that no other beats in both (low size and high accuracy)"


def test_nan_is_on_no_front_and_equals_are_all_on_it() -> None:
    assert front_of([(1, math.nan), (2, 1), (2, 1), (3, 1)], ("min", "min")) == (1, 2)


def test_a_trend_has_the_best_so_far() -> None:
    chart = trend_chart(Named("loss", (3.0, None, 4.0, 1.0)), RUNS, "min")

    assert [list(one.y) for one in chart.curves] == [[3.0, 4.0, 1.0], [3.0, 3.0, 1.0]]
    assert chart.note == "a to d; 1 run without it"


def test_params_that_never_vary_are_no_axis() -> None:
    columns = [Named("lr", (1, 2)), Named("seed", (1, 1)), Named("loss", (0.5, 0.5))]

    chart = parallel_chart(columns, ["a", "b"], kept=1)

    assert [axis.name for axis in chart.axes] == ["lr", "loss"]


def test_classes_stand_in_their_order_and_columns_go_by_what_libraries_call_them() -> None:
    rows = [{"y_true": t, "y_pred": p} for t, p in ((10, 9), (9, 9), (2, 10), (2, 2))]

    chart = confusion_chart("run", rows)

    assert [*chart.actual] == ["2", "9", "10"]
    assert [*chart.counts] == [(1, 0, 1), (0, 1, 0), (0, 1, 0)]
    assert chart.note == "2 of 4 predictions right"


def test_a_table_without_the_columns_says_what_it_has() -> None:
    with pytest.raises(GitexpError, match="run: the table has no column 'actual'") as raised:
        confusion_chart("run", [{"a": 1}])

    assert "It has a;" in str(raised.value.hint)


def test_a_roc_curve_is_as_scikit_learn_has_it() -> None:
    from sklearn.metrics import (  # noqa: PLC0415 - a second, here alone
        precision_recall_curve,
        roc_auc_score,
        roc_curve,
    )

    labels, scores = [0, 1, 0, 1, 1, 0, 1], [0.1, 0.9, 0.4, 0.4, 0.8, 0.6, 0.7]
    rows = [{"label": one, "score": at} for one, at in zip(labels, scores, strict=True)]

    roc, pr = roc_chart([("run", rows)]), pr_chart([("run", rows)])

    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(labels, scores)
    assert (list(roc.curves[0].x), list(roc.curves[0].y)) == (fpr.tolist(), tpr.tolist())
    assert roc.curves[0].label == f"run (AUC {roc_auc_score(labels, scores):.4g})"
    assert list(pr.curves[0].x) == recall.tolist()[-2::-1]
    assert list(pr.curves[0].y) == precision.tolist()[-2::-1]
