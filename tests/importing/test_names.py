from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.importing.names import allowed
from gitexp.model.names import check_name


@given(st.text(max_size=120))
def test_an_allowed_name_is_one(name: str) -> None:
    close = allowed(name)

    if close is not None:
        check_name(close)


@pytest.mark.parametrize("name", ["exp-1", "lr0.1", "a_b+c"])
def test_a_name_that_will_do_stays_as_it_is(name: str) -> None:
    assert allowed(name) == name
