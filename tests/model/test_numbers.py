from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.numbers import (
    difference,
    duration_text,
    number_text,
    pair_texts,
    same_number,
    signed_text,
    size_text,
)

numbers = st.integers() | st.floats()
HUGE = 10**400


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (3, "3"),
        (3.0, "3.0"),
        (-0.0, "-0.0"),
        (1234567, "1234567"),
        (1234567.89, "1234567.89"),
        (123456.789, "123457"),
        (99999.99, "100000"),
        (100000.0, "100000.0"),
        (0.0001234567891, "0.000123457"),
        (1e-7, "1e-07"),
        (1e22, "1e+22"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_number_text(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_near_the_number(number: float) -> None:
    assert float(number_text(number)) == pytest.approx(number, rel=1e-5)


@given(numbers, numbers)
def test_the_texts_of_different_numbers_differ(old: float, new: float) -> None:
    texts = pair_texts(old, new)

    assert same_number(old, new) or texts[0] != texts[1]


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (0.942, 0.961, ("0.942", "0.961")),
        (0.12345678, 0.12345679, ("0.12345678", "0.12345679")),
        (1, 1.0000000001, ("1", "1.0000000001")),
        (123456.6, 123457.0, ("123456.6", "123457.0")),
        (0.1 + 0.2, 0.3, ("0.30000000000000004", "0.3")),
        (2**53 + 1, 2.0**53, ("9007199254740993", "9.0072e+15")),
        (1e-7, 2e-7, ("1e-07", "2e-07")),
        (math.nan, 0.5, ("nan", "0.5")),
        (math.nan, math.nan, ("nan", "nan")),
        (1, 1.0, ("1", "1.0")),
        (HUGE, HUGE + 1, (str(HUGE), str(HUGE + 1))),
    ],
)
def test_a_pair_has_as_many_digits_as_tell_it_apart(
    old: float, new: float, texts: tuple[str, str]
) -> None:
    assert pair_texts(old, new) == texts


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0.3, 0.4, 0.1),
        (0.942, 0.961, 0.019),
        (3, 5, 2),
        (1e-7, 2e-7, 1e-7),
        (1, 1.5, 0.5),
        (math.inf, math.inf, 0.0),
        (math.nan, math.nan, 0.0),
        (1.0, math.inf, math.inf),
        (math.inf, 1.0, -math.inf),
        (0.5, HUGE, math.inf),
        (HUGE, HUGE + 1, 1),
        (1e308, -1e308, -math.inf),
    ],
)
def test_difference(old: float, new: float, expected: float) -> None:
    assert difference(old, new) == expected


def test_the_difference_to_nan_is_nan() -> None:
    assert math.isnan(difference(0.5, math.nan))


@given(st.decimals(-1000, 1000, places=4), st.decimals(-1000, 1000, places=4))
def test_a_difference_is_what_it_is_on_paper(old: Decimal, new: Decimal) -> None:
    assert difference(float(old), float(new)) == float(new - old)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.019, "+0.019"), (-2, "-2"), (0.0, "0.0"), (1e-9, "+1e-09"), (math.inf, "+inf")],
)
def test_signed_text(number: float, text: str) -> None:
    assert signed_text(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.21, "0.2 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599.7, "1 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_duration_text(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_234_567_890, "1.2 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_size_text(size: int, text: str) -> None:
    assert size_text(size) == text
