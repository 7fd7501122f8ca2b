from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.text import harmless, text_width


@given(st.text())
def test_nothing_that_a_terminal_acts_upon_gets_through(text: str) -> None:
    shown = harmless(text)

    assert shown.replace("\u200c", "").replace("\u200d", "").isprintable()
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("損失 ü e\u0301", "損失 ü e\u0301"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("line\u2028end", "line\\u2028end"),
        ("not utf-8 \udcff", "not utf-8 \\udcff"),
        ("a\u00a0b\u3000c", "a b c"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_harmless(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("loss", 4), ("損失", 4), ("e\u0301", 1), ("é", 1), ("a\u200db", 2), ("👍", 2)],
)
def test_text_width(text: str, width: int) -> None:
    assert text_width(text) == width
