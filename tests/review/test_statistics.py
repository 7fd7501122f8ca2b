from __future__ import annotations

import math
import statistics
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import stdtrit
from scipy.stats import ttest_ind

from gitexp.model.record import Documents
from gitexp.review.statistics import _CRITICAL, SIGNIFICANCE, Sample, compare, compare_repeats

NUMBERS = st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=2, max_size=9)


@pytest.fixture
def without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)


def test_a_sample_has_mean_and_standard_deviation() -> None:
    sample = Sample((2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0))

    assert sample.mean == 5.0
    assert sample.deviation == pytest.approx(math.sqrt(32 / 7))


@given(old=NUMBERS, new=NUMBERS)
def test_the_test_is_the_one_of_scipy(old: list[float], new: list[float]) -> None:
    assume(len(set(old)) > 1 and len(set(new)) > 1)  # else SciPy warns

    found = compare(old, new)
    expected = ttest_ind(new, old, equal_var=False)

    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)  # by the degrees of freedom, too
    assert found.noise == (found.p is not None and found.p >= SIGNIFICANCE)


@pytest.mark.usefixtures("without_scipy")
def test_without_scipy_the_table_decides() -> None:
    found = compare([0.90, 0.92, 0.91], [0.95, 0.97, 0.96])

    assert (found.test, found.p, found.noise) == ("welch", None, False)
    assert compare([0.90, 0.92, 0.91], [0.91, 0.93, 0.92]).noise


def test_without_scipy_no_noise_is_taken_for_a_move(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [
        ([0.0, 1.0, 2.0], [shift / 20 + one for one in (0.0, 1.5, 2.0, 1.1)]) for shift in range(90)
    ]
    known = [compare(*pair).noise for pair in samples]

    monkeypatch.setitem(sys.modules, "scipy.special", None)
    guessed = [compare(*pair).noise for pair in samples]

    assert {(a, b) for a, b in zip(known, guessed, strict=True)} <= {
        (True, True),
        (False, False),
        (False, True),
    }
    assert sum(a != b for a, b in zip(known, guessed, strict=True)) <= len(samples) / 10


def test_the_table_is_students() -> None:
    expected = [stdtrit(freedom, 1 - SIGNIFICANCE / 2) for freedom in range(1, 31)]

    assert list(_CRITICAL) == pytest.approx(expected, abs=6e-4)


@pytest.mark.usefixtures("without_scipy")
def test_many_repeats_are_held_against_the_end_of_the_table() -> None:
    old = [float(number % 7) for number in range(100)]

    assert compare(old, old).noise
    assert not compare(old, [one + 1 for one in old]).noise


@pytest.mark.parametrize(
    ("old", "new"),
    [([0.9], [0.8]), ([0.9], [0.8, 0.7]), ([0.9, 0.8], [math.nan, 0.7]), ([math.inf, 1], [1, 2])],
)
def test_too_few_numbers_make_no_test(old: list[float], new: list[float]) -> None:
    found = compare(old, new)

    assert (found.test, found.noise) == (None, False)


def test_without_any_spread_every_move_is_one() -> None:
    moved, same = compare([1, 1], [2, 2, 2]), compare([1, 1], [1, 1])

    assert (moved.test, moved.noise, same.noise) == ("welch", False, True)


@pytest.mark.parametrize("huge", [10**400, -(10**400)])
def test_integers_beyond_floats_make_no_test(huge: int) -> None:
    found = compare([huge, huge], [1, 2])

    assert (found.test, math.isinf(found.old.mean)) == (None, True)


def test_repeats_are_compared_metric_by_metric() -> None:
    old: list[Documents] = [
        {"m.json": {"f1": 0.5, "val": {"loss": 1}}},
        {"m.json": {"f1": 0.7, "gone": 1}},
    ]
    new: list[Documents] = [
        {"m.json": {"f1": 0.9, "new": 1}},
        {"m.json": {"f1": 0.8, "val": {"loss": 2}}},
        {},
    ]

    found = compare_repeats(old, new)

    assert {name: (one.old.values, one.new.values) for name, one in found.items()} == {
        ("m.json", "f1"): ((0.5, 0.7), (0.9, 0.8)),
        ("m.json", "val.loss"): ((1.0,), (2.0,)),
    }


def test_repeats_are_compared_file_by_file_and_across_files_where_there_is_one_on_each_side() -> (
    None
):
    old: list[Documents] = [{"a.json": {"f1": 1, "loss": 1}, "b.json": {"f1": 2}}]
    new: list[Documents] = [{"a.json": {"f1": 3}, "b.json": {"f1": 4}, "c.json": {"loss": 5}}]

    found = compare_repeats(old, new)

    assert {name: (one.old.values, one.new.values) for name, one in found.items()} == {
        ("a.json", "f1"): ((1.0,), (3.0,)),
        ("b.json", "f1"): ((2.0,), (4.0,)),
        ("c.json", "loss"): ((1.0,), (5.0,)),
    }


def test_the_mean_of_the_largest_numbers_is_finite() -> None:
    assert Sample((1e308, 1e308, 1e308)).mean == pytest.approx(1e308)


@given(old=NUMBERS, new=NUMBERS)
def test_what_is_noise_does_not_depend_on_whether_p_is_wanted(
    old: list[float], new: list[float]
) -> None:
    assert compare(old, new, exact_p=False).noise == compare(old, new).noise


@pytest.mark.parametrize(
    "values",
    [
        (0.1, 0.1, 0.1),
        (1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4),
        (1e200, -1e200, 3e200),
        (1e-200, 2e-200, 4e-200),
        (5.0, 5.0, 5.0000000001),
    ],
)
def test_deviations_are_those_of_exact_fractions(values: tuple[float, ...]) -> None:
    assert Sample(values).deviation == pytest.approx(statistics.stdev(values), rel=1e-12, abs=0)
