from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitexp.execution.overrides.grammar import parse_override
from gitexp.model.values import Value, same
from gitexp.sweep.spelling import value_text

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
keys = st.text("abz09 .:{}[],'\"\\=-_ü", min_size=1, max_size=6).filter(
    lambda key: key == key.strip()
)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_a_value_comes_back_from_an_override(value: Value) -> None:
    found = parse_override(f"key={value_text(value)}").value

    assert same(found, value)
    assert type(found) is type(value)
