from __future__ import annotations

from gitexp.comparison.front import pareto_front
from gitexp.sweep.importance import Importance, importance_of, importance_text


def test_an_order_that_resamples_do_not_agree_on_is_not_told() -> None:
    shares = {"lr": 0.3, "depth": 0.5, "width": 0.12, "wd": 0.08}
    agreeing = {"lr": 0.3, "depth": 0.5, "width": 0.08, "wd": 0.12}
    other = {"lr": 0.5, "depth": 0.3, "width": 0.12, "wd": 0.08}

    found = importance_of(shares, [agreeing] * 19 + [other])

    assert found.groups == (("depth",), ("lr",), ("width", "wd"))
    assert importance_text(found) == (
        "depth 0.50 (19 of 20 resamples), lr 0.30; too few runs to tell width from wd"
    )


def test_no_axis_is_named_first_if_six_resamples_name_another() -> None:
    shares = {"a": 0.5, "b": 0.4, "c": 0.1}
    by_b = {"a": 0.3, "b": 0.5, "c": 0.2}

    found = importance_of(shares, [shares] * 14 + [by_b] * 6)

    assert found.groups == (("a", "b"), ("c",))
    assert importance_text(found) == "c 0.10; too few runs to tell a from b"


def test_a_single_axis_has_no_rival() -> None:
    assert importance_of({"lr": 1.0}, [{"lr": 1.0}] * 20) == Importance({"lr": 1.0}, (("lr",),), 20)


def test_the_front_has_all_that_nothing_is_better_than() -> None:
    points = {
        1: (0.9, 10.0),
        2: (0.8, 5.0),
        3: (0.8, 5.0),
        4: (0.85, 20.0),
        5: (0.7, 6.0),
    }

    assert pareto_front(points, ["max", "min"]) == [1, 2, 3]
    assert pareto_front(points, ["max", "max"]) == [1, 4]
    assert pareto_front({}, ["max", "min"]) == []
