"""Series of runs as charts."""

from __future__ import annotations

from gitexp.plots.chart import Curve
from gitexp.plots.curves import Logged, Manner, curves_chart
from gitexp.plots.smoothing import MOST_POINTS, mean_curve, smoothed, thinned
from gitexp.series.series import Series


def logged(label: str, values: list[float], group: str = "") -> Logged:
    series = Series(
        "loss", list(range(len(values))), values, [0.5 * at for at in range(len(values))]
    )
    return Logged(label, {"loss": series}, group)


def test_each_run_is_a_curve_and_those_without_the_metric_are_counted() -> None:
    runs = [logged("a", [3, 2, 1]), Logged("b", {}), logged("c", [1, 1, 1])]

    chart = curves_chart("loss", runs, Manner())

    assert [(one.label, one.x, one.y) for one in chart.curves] == [
        ("a", [0, 1, 2], [3, 2, 1]),
        ("c", [0, 1, 2], [1, 1, 1]),
    ]
    assert chart.note == "1 run without it"


def test_repeats_are_their_mean_with_a_band_and_the_chart_says_so() -> None:
    runs = [logged("a", [1, 2], "k"), logged("b", [3, 2], "k"), logged("c", [5, 5])]

    chart = curves_chart("loss", runs, Manner(grouped=True))

    mean, alone = chart.curves
    assert (mean.label, mean.y) == ("a (n = 2)", [2, 2])
    assert [round(one, 3) for one in mean.low] == [0.586, 2]
    assert (alone.label, alone.low) == ("c", ())
    assert chart.note == "mean of repeats ± one standard deviation"


def test_a_repeat_that_ended_early_does_not_bend_the_mean() -> None:
    found = mean_curve("a", [Curve("", [0, 1, 2], [1, 1, 9]), Curve("", [0, 1], [3, 3])])

    assert (found.x, found.y) == ([0, 1], [2, 2])


def test_smoothing_says_what_it_did_and_keeps_what_was() -> None:
    chart = curves_chart("loss", [logged("a", [0, 1])], Manner(smoothing=0.5))

    [curve] = chart.curves
    assert (list(curve.y), list(curve.raw)) == (smoothed([0, 1], 0.5), [0, 1])
    assert chart.note == "smoothed: exponential moving average of weight 0.5"


def test_curves_go_over_seconds_only_if_all_have_them() -> None:
    timeless = Logged("b", {"loss": Series("loss", [0, 1], [1.0, 1.0])})

    timed = curves_chart("loss", [logged("a", [1, 1])], Manner(by_time=True))
    mixed = curves_chart("loss", [logged("a", [1, 1]), timeless], Manner(by_time=True))

    assert (timed.x_label, timed.curves[0].x) == ("seconds", [0.0, 0.5])
    assert (mixed.x_label, mixed.curves[0].x) == ("step", [0, 1])


def test_thinning_keeps_ends_and_peaks_and_the_chart_says_so() -> None:
    values = [0.0] * 10_000
    values[3_777], values[8_000] = 7.0, -3.0
    curve = Curve("a", list(range(10_000)), values)

    few = thinned(curve)
    chart = curves_chart("loss", [logged("a", values)], Manner())

    assert len(few.x) <= MOST_POINTS
    assert (few.x[0], few.x[-1], max(few.y), min(few.y)) == (0, 9_999, 7.0, -3.0)
    assert chart.note == "10,000 points thinned, peaks kept"


def test_a_curve_that_was_kept_thinned_says_so() -> None:
    runs = [Logged("a", logged("a", [3, 2, 1]).series, counts={"loss": 6_000})]

    assert curves_chart("loss", runs, Manner()).note == "of 6,000 points 3 were kept"
    assert curves_chart("loss", [logged("b", [1])], Manner()).note == ""
