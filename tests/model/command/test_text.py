from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.model.command.text import command_text, is_shell_line

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def words_of_bash(line: str) -> list[str]:
    ended = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True
    )
    return ended.stdout.decode().split("\0")[:-1]


@settings(max_examples=25, deadline=None)
@given(st.lists(words, min_size=2, max_size=20))
def test_bash_reads_a_command_on_one_line_as_the_same_words(command: list[str]) -> None:
    line = command_text(command)

    assert "\n" not in line
    assert "\r" not in line
    assert words_of_bash(line) == command


@pytest.mark.parametrize(
    "word",
    ["a\nb", "\x1b[31m", "it's\ta", "back\\slash\n", "$HOME\n`x`", "\x01f", "\x7f0", "é\n", "'\n'"],
)
def test_control_characters_are_written_so_that_bash_reads_them_back(word: str) -> None:
    line = command_text(["x", word])

    assert line.isprintable()
    assert words_of_bash(line) == ["x", word]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["python", "train.py"], "python train.py"),
        (["python", "a b.py", ""], "python 'a b.py' ''"),
        (["python a.py && python b.py"], "python a.py && python b.py"),
        (["a &&\nb"], "$'a &&\\nb'"),
        (["train.py"], "train.py"),
        ([], ""),
    ],
)
def test_command_text(command: list[str], text: str) -> None:
    assert command_text(command) == text


@pytest.mark.parametrize(
    ("command", "expected"),
    [(["a b"], True), (["a"], False), (["a", "b c"], False), ([" a "], False), ([], False)],
)
def test_one_word_with_spaces_is_for_the_shell(command: list[str], expected: bool) -> None:
    assert is_shell_line(command) is expected
