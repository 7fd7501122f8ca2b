"""Delta debugging: what is left does it, and nothing of it can go."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.tracing.delta import ddmin, most_tests


@given(st.integers(2, 24).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_just_what_is_needed_is_left(case: tuple[int, set[int]]) -> None:
    count, needed = case
    tried = []

    def test(some: Sequence[int]) -> bool:
        tried.append(some)
        return bool(some) and needed <= {*some}

    left = ddmin(range(count), test)

    assert {*left} == needed or (not needed and len(left) == 1)
    assert len(tried) <= most_tests(count)


@settings(max_examples=30)
@given(st.sets(st.frozensets(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=4))
def test_whatever_does_it_the_rest_is_minimal(causes: set[frozenset[int]]) -> None:
    def test(some: Sequence[int]) -> bool:
        return any(cause <= {*some} for cause in causes)

    left = ddmin(range(10), test)

    assert test(left)
    assert not any(test([one for one in left if one != without]) for without in left)


def test_what_cannot_be_told_is_kept() -> None:
    assert ddmin(range(6), lambda some: True if len(some) == 6 else None) == [*range(6)]
