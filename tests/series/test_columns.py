"""Curves that are read in one go are those that reading line by line gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.series.columns import read_columns
from gitexp.series.series import Series
from gitexp.series.tables import read_tables, write_tables

ODD = (
    "step\ta\tb\n1\t0.5\t\n2\t\t7\n3\tnan\t1e-5\n",
    "step\ttime\ta\n1\t2\t0.5\n",
    "step\ta\n",
    "step\ta\n1\t2",
    "step\ta\n2\t1\n1\t3\n",
    "step\ta\n1\n2\t3\n",
    "step\ta\tb\n1\n2\t3\t4\t5\n",
    "step\ta\n1.5\t2\n",
    "step\ta\n1\tx\n2\t3_0\n",
    "step\ta\r\n1\t2\r\n",
    "step\ta\n1\t0x1p.3\n2\t-3\n",
    "time\ta\n1\t2\n",
    "step\ta\tb\n1\t2,3\n2\t4\t5\n",
    "step\ta\tb\n1\t2\t3],[4\t5\t6\n",
    "step\ta\tb\n1\t\t\n2\t\t\n",
    "step\ta\ta\n1\t2\t\n",
    "step\ta\n1\tnull\n2\ttrue\n3\t-0\n",
    "step\ta\n1\t9223372036854775808\n2\t1e19\n",
    "step\ta\n9223372036854775808\t1\n9223372036854775809\t2\n",
    "",
)


def same(text: str, key: str) -> bool:
    whole, alone = read_tables({"": text}).get(key), read_columns(text).get(key)
    if whole is None or alone is None:
        return whole is alone
    return (repr(whole.steps), repr(whole.values)) == (repr(alone.steps), repr(alone.values))


@pytest.mark.parametrize("text", ODD)
def test_odd_tables_are_read_alike(text: str) -> None:
    assert same(text, "a")
    assert same(text, "b")


@given(
    st.dictionaries(
        st.text(max_size=5), st.lists(st.floats() | st.integers(), min_size=1), max_size=4
    )
)
def test_tables_of_ours_are_read_alike(columns: dict[str, list[float]]) -> None:
    series = [Series(key, list(range(len(some))), some) for key, some in columns.items()]
    for text in write_tables(series).values():
        for key in columns:
            assert same(text, key)
