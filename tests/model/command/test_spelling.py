from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.execution.overrides.grammar import parse_override
from gitexp.model.command.spelling import filled, value_text
from gitexp.model.values import Value, same

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
keys = st.from_regex(r"[a-z_$][a-z09_$+./*%?|@-]{0,3}( [a-z0]{1,2})?|0|12|1\.5", fullmatch=True)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(values)
def test_a_value_comes_back_from_an_override(value: Value) -> None:
    found = parse_override(f"key={value_text(value)}").value

    assert same(found, value)
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            ("train.py", "--lr={lr}", "{other}", "{{lr}}"),
            ("train.py", "--lr=0.1", "{other}", "{0.1}"),
        ),
        (("python t.py --m {m} > {lr}.log",), ("python t.py --m 'a; b' > 0.1.log",)),
        (("sh", "-ec", "echo {m}", "{m}"), ("sh", "-ec", "echo 'a; b'", "a; b")),
        (("t.py", "{layers}", "{none}", "{yes}"), ("t.py", "[64,32]", "null", "true")),
        (("t.py", "{a}"), ("t.py", "{b}")),
    ],
)
def test_placeholders_are_filled_once_and_quoted_for_a_shell(
    command: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    values: dict[str, Value] = {
        "lr": 0.1,
        "m": "a; b",
        "layers": [64, 32],
        "none": None,
        "yes": True,
        "a": "{b}",
        "b": 1,
    }

    assert filled(command, values) == expected
