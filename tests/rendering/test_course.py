from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gitexp.rendering.course import drawn

NUMBERS = st.lists(st.floats(), min_size=1)


@given(NUMBERS, st.integers(1, 100))
def test_a_course_has_a_character_for_each_number_and_never_exceeds_the_width(
    numbers: list[float], width: int
) -> None:
    assert len(drawn(numbers, width)) == min(len(numbers), width, 80)


@given(st.integers(0, 249), st.sampled_from([-1.0, 1.0]))
def test_a_single_peak_among_many_is_never_lost(at: int, sign: float) -> None:
    numbers = [math.sin(number) for number in range(250)]
    numbers[at] = sign * 1000

    assert drawn(numbers, 40).count("█" if sign > 0 else "▁") == 1


def test_the_lowest_and_the_highest_reach_the_ends_and_a_level_course_stays_in_the_middle() -> None:
    assert drawn([0.1, 0.15, 0.9]) == "▁▁█"
    assert drawn([5, 5, 5]) == "▄▄▄"


def test_many_are_drawn_as_they_went_and_not_as_they_jittered() -> None:
    rising = [at + (-1) ** at * 100 for at in range(1000)]

    assert list(drawn(rising, 8)) == sorted(drawn(rising, 8))
    assert len(set(drawn(rising, 8))) > 4


def test_what_is_no_finite_number_is_a_question() -> None:
    assert drawn([1, math.nan, 2, math.inf]) == "▁?█?"
    assert drawn([math.nan] * 3, 2) == "??"


def test_numbers_as_far_apart_as_can_be_are_drawn() -> None:
    assert drawn([-1.7e308, 0, 1.7e308]) == "▁▅█"
