"""The words of a command line, and what each one means as a value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from gitexp.model.values import Value

_NUMBER = (
    r"(?a)[+-]?(?:(\d{1,300})|nan|inf|infinity|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
)
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None, "none": None}


class Word(Struct, frozen=True):
    """One word: what the program gets, what was typed, and whether the shell leaves it alone."""

    text: str
    typed: str
    fixed: bool = True


class Part(Struct, frozen=True):
    """Words that belong together, and the param that they set, if they do.

    An unclear part may set something that cannot be told from the command line.
    """

    words: Sequence[Word]
    key: str = ""
    values: Sequence[Value] = ()
    unclear: bool = False
    replaces: bool = False
    positional: bool = False
    """Whether the key says which word without an option it is."""


def as_typed(words: Sequence[str]) -> list[Word]:
    """Return the words of a command that no shell has to read."""
    return [Word(word, word) for word in words]


def value_of(text: str) -> Value:
    """Return what a word means as a value.

    >>> value_of("1e-3"), value_of("-2"), value_of("007"), value_of("true"), value_of("a=b")
    (0.001, -2, '007', True, 'a=b')
    """
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    match = re.fullmatch(_NUMBER, text)
    if match is None:
        return text
    if re.match(r"[+-]?0\d", text):  # an id or a date, as in `--fold 007`
        return text
    return int(text) if match[1] else float(text)


def is_number(text: str) -> bool:
    """Return whether a word is a number, which may be negative.

    >>> is_number("-.5"), is_number("-x"), is_number("true")
    (True, False, False)
    """
    return re.fullmatch(_NUMBER, text) is not None
